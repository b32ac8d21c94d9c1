// Which page is open: the address behind the `#`, `page` or `page/what it is about`.
import { computed, ref } from 'vue'

const of = () => location.hash.replace(/^#\/?/, '')
export const route = ref(of())
window.addEventListener('hashchange', () => {
  route.value = of()
  scrollTo(0, 0)
})

export const pageName = computed(() => route.value.split('/')[0]!)
/** What the page is about, part by part. */
export const about = computed(() => route.value.split('/').slice(1))
