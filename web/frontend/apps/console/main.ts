import '@fontsource-variable/inter/wght.css'
import '#shared/tokens.css'
import '#shared/tokens.console.css'
import '#shared/base.css'
import { mount } from 'svelte'
import App from './App.svelte'

mount(App, { target: document.getElementById('app')! })
