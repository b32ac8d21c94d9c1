// The pages by their address. What a visit needs is there at once; the others are fetched when they are opened, and
// kept by the shell worker like the rest.
import { defineAsyncComponent, type Component } from 'vue'
import PageFailed from './ui/PageFailed.vue'
import QueuePage from './queue/QueuePage.vue'
import TodayPage from './today/TodayPage.vue'
import CheckInPage from './visit/CheckInPage.vue'

const later = (loader: () => Promise<Component>) =>
  defineAsyncComponent({ loader, errorComponent: PageFailed, delay: 0 })

export const PAGES: Record<string, Component> = {
  '': TodayPage,
  'check-in': CheckInPage,
  queue: QueuePage,
  appeal: later(() => import('./appeals/AppealForm.vue')),
  appeals: later(() => import('./appeals/AppealsPage.vue')),
  duties: later(() => import('./duties/DutiesPage.vue')),
  history: later(() => import('./history/HistoryPage.vue')),
  households: later(() => import('./households/HouseholdsPage.vue')),
  leave: later(() => import('./leave/LeavePage.vue')),
  mine: later(() => import('./mine/MinePage.vue')),
  more: later(() => import('./more/MorePage.vue')),
  notices: later(() => import('./notices/NoticesPage.vue')),
  visit: later(() => import('./history/VisitPage.vue')),
}
