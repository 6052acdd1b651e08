import '#shared/tokens.css'
import '#shared/base.css'
import './widget.css'
import { openOutboxStorage } from '#shared/store/outbox_storage'
import { mount } from 'svelte'
import { deskFor } from './desk'
import { hostAt } from './host'
import { BrowserKeep } from './keep'
import { Visit } from './visit.svelte'
import Widget from './Widget.svelte'

const address = new URLSearchParams(location.search)
const siteKey = address.get('key') ?? ''
const theme = address.get('theme')
if (theme === 'light' || theme === 'dark') document.documentElement.dataset['theme'] = theme

const keep = new BrowserKeep(siteKey)
const visit = new Visit({
  siteKey,
  keep,
  desk: deskFor(siteKey, () => keep.token),
  openStorage: () => openOutboxStorage(siteKey)
})

// Somebody who has been here before most likely comes back to a conversation.
if (keep.token !== null) import('./Conversation.svelte').catch(() => undefined)

let begun = false
const widget = mount(Widget, {
  target: document.getElementById('app')!,
  props: { visit, say: word => host.say(word) }
})
const host = hostAt(address.get('origin'), word => {
  if (!begun) void visit.begin(word.page)
  begun = true
  widget.show(word.parley === 'shown', word.parley === 'shown' && word.focus)
})
host.say({ parley: 'ready' })
