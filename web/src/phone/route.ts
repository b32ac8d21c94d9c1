// Which page is open: the address behind the `#`.
import { ref } from 'vue'

const of = () => location.hash.replace(/^#\/?/, '')
export const route = ref(of())
window.addEventListener('hashchange', () => (route.value = of()))
