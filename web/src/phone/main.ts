import './styles.css'
import { createApp } from 'vue'
import App from './App.vue'
import { start } from './phone'
import { keepShell } from './shell'

void start().then(() => createApp(App).mount('#app'))
keepShell()
