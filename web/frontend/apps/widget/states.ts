/** Every state of the widget side by side, or one alone with `?state=`. For people who work on it; never shipped. */
import '#shared/tokens.css'
import '#shared/base.css'
import './widget.css'
import { mount } from 'svelte'
import States from './States.svelte'

const address = new URLSearchParams(location.search)
const theme = address.get('theme')
if (theme) document.documentElement.dataset['theme'] = theme
mount(States, { target: document.getElementById('app')!, props: { only: address.get('state') } })
