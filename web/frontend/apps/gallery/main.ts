import '@fontsource-variable/inter'
import '#shared/tokens.css'
import '#shared/tokens.console.css'
import '#shared/base.css'
import { mount } from 'svelte'
import Gallery from './Gallery.svelte'

mount(Gallery, { target: document.querySelector('#app')! })
