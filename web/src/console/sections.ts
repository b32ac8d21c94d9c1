// The pages beside the board, a row each: the menu, the address and the loader go by this table, in its order.
// A page is fetched when it is first opened; its name in the menu is `office.<name>` of the texts.
import { defineAsyncComponent, type Component } from 'vue'
import type { Ability } from '../shared/api/types'
import SectionFailed from './SectionFailed.vue'

const page = (loader: () => Promise<{ default: Component }>): Component =>
  defineAsyncComponent({ loader, errorComponent: SectionFailed })

export const PAGES = {
  inbox: page(() => import('./notices/InboxPage.vue')),
  reviews: page(() => import('./reviews/ReviewsPage.vue')),
  leave: page(() => import('./leave/LeavePage.vue')),
  appeals: page(() => import('./appeals/AppealsPage.vue')),
  sheet: page(() => import('./people/PersonSheetPage.vue')),
  coverage: page(() => import('./coverage/CoveragePage.vue')),
  night_visits: page(() => import('./coverage/NightVisitsPage.vue')),
  silence: page(() => import('./coverage/SilencePage.vue')),
  rules: page(() => import('./rules/RulesPage.vue')),
  calendar: page(() => import('./rules/CalendarPage.vue')),
  roster: page(() => import('./roster/RosterPage.vue')),
  villages: page(() => import('./places/VillagesPage.vue')),
  households: page(() => import('./places/HouseholdsPage.vue')),
  units: page(() => import('./roster/UnitsPage.vue')),
  structure: page(() => import('./roster/StructurePage.vue')),
  duplicates: page(() => import('./roster/DuplicatesPage.vue')),
  imports: page(() => import('./imports/ImportsPage.vue')),
  accounts: page(() => import('./account/AccountsPage.vue')),
  clients: page(() => import('./clients/ClientsPage.vue')),
  notices: page(() => import('./notices/NoticesPage.vue')),
  circular: page(() => import('./circular/CircularTemplatePage.vue')),
  looks: page(() => import('./looks/LooksPage.vue')),
  privacy: page(() => import('./settings/PrivacyPage.vue')),
  settings: page(() => import('./settings/SettingsPage.vue')),
  account: page(() => import('./account/AccountPage.vue')),
}

export type Section = keyof typeof PAGES
export const SECTIONS = Object.keys(PAGES) as Section[]
/** What of them is of use only to who may do this; the others are for all who look at people and places. */
export const FOR: Partial<Record<Section, Ability>> = {
  duplicates: 'merge_people',
  imports: 'import_files',
  accounts: 'manage_accounts',
  circular: 'change_settings',
  settings: 'change_settings',
}
/** What whoever supervises nobody has of them, about themselves. */
export const OWN_SECTIONS: Section[] = ['sheet', 'account']
