/** The keyboard of the console. Single keys rest while a dialog is open, and can be turned off for good. */
import { createKeymap, type Binding } from '#shared/keyboard'
import { onDestroy } from 'svelte'
import type { Frame } from '../context'
import { prefs } from '../data/prefs.svelte'
import { t } from '../i18n'
import type { ChatOut } from '#shared/wire.gen'
import { goToChat, goToHistoryChat, goToList, here, leaveTranscript } from '../place.svelte'
import { commandsOf, currentChat } from './commands'
import { navigation } from './navigation'

export function bindKeys(frame: Frame): void {
  const { actions, console, layers, selection } = frame
  const keymap = createKeymap()
  /** No dialog, and no menu either: an open popover takes the Escape that closes it. */
  const free = () => layers.top === null && document.querySelector('dialog[open], :popover-open:not([role="tooltip"])') === null
  const inInbox = () => free() && here.page === 'inbox'
  const inChat = () => free() && currentChat(frame) !== null

  /** Run the palette's command of that name, if it may be run now. */
  const command = (id: string) => () => commandsOf(frame).find(each => each.id === id)?.run()

  /** To the next or previous chat of the list shown, or of those with something unread. */
  function step(by: 1 | -1, onlyUnread = false): void {
    if (here.page === 'history') return stepHistory(by)
    const rows = console.inbox[here.list].fitting.filter(chat => !onlyUnread || chat.unread > 0 || chat.id === here.chat)
    const at = rows.findIndex(chat => chat.id === here.chat)
    const next = at < 0 ? rows[by > 0 ? 0 : rows.length - 1] : rows[at + by]
    if (next) goToChat(here.list, next.id)
  }

  function stepHistory(by: 1 | -1): void {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('a[data-row]')]
    const at = links.findIndex(link => link.getAttribute('aria-current') === 'true')
    const id = Number(links[at + by]?.dataset['row'])
    if (id) goToHistoryChat(id)
  }

  /** The offer whose row has the focus, else the one that is open: Y and X answer it. */
  function offered(): ChatOut | null {
    const focused = document.activeElement instanceof HTMLElement ? Number(document.activeElement.dataset['row']) : NaN
    const row = here.list === 'escalations' ? console.chats.chat(focused) : null
    const chat = row ?? currentChat(frame)
    return chat && actions.allowed(chat).accept ? chat : null
  }

  function accept(): void {
    const chat = offered()
    if (chat) void actions.accept(chat)
  }

  /** X says no to an offer; in the other lists, where none can be answered, it chooses a row. */
  function rejectOrChoose(): void {
    const chat = here.page === 'inbox' ? offered() : null
    if (chat) layers.show({ kind: 'reject', chat })
    else if (here.list !== 'escalations') choose(false)
  }

  /** Choose the row that has the focus, else the one that is open; with `range` all up to it. */
  function choose(range: boolean): void {
    const rows = [...document.querySelectorAll<HTMLElement>('a[data-row]')]
    const focused = rows.find(row => row === document.activeElement)
    const id = Number(focused?.dataset['row'] ?? here.chat)
    const order = rows.map(row => Number(row.dataset['row']))
    if (!order.includes(id)) return
    if (range) selection.extend(id, order)
    else selection.toggle(id)
  }

  /** One layer at a time: out of the text, over the panel, back to the list. */
  function close(): void {
    const at = document.activeElement
    if (at instanceof HTMLTextAreaElement || at instanceof HTMLInputElement) at.blur()
    else if (selection.active) selection.clear()
    else if (layers.details) layers.details = false
    else if (here.page === 'inbox' && here.chat) goToList(here.list)
    else if (here.page === 'history' && here.chat) leaveTranscript()
  }

  const bindings: Binding[] = [
    { keys: 'Mod+k', label: t('keys.palette'), run: () => (layers.top?.kind === 'palette' ? layers.close(layers.top) : layers.show({ kind: 'palette' })) },
    { keys: '?', label: t('keys.help'), when: free, run: () => layers.show({ kind: 'keys' }) },
    ...navigation(frame, 0).map(({ key, label, go }) => ({ keys: `g ${key}`, label: t('keys.go', { page: label }), when: free, run: go })),
    ...console.inbox.lists.map((list, i) => ({
      keys: String(i + 1), label: t(`keys.${list.name}`), when: free, run: () => goToList(list.name)
    })),
    { keys: 'j', label: t('keys.next'), when: free, run: () => step(1) },
    { keys: 'k', label: t('keys.previous'), when: free, run: () => step(-1) },
    { keys: 'Alt+ArrowDown', label: t('keys.next_unread'), when: inInbox, run: () => step(1, true) },
    { keys: 'Alt+ArrowUp', label: t('keys.previous_unread'), when: inInbox, run: () => step(-1, true) },
    { keys: 'x', label: t('keys.choose'), when: free, run: rejectOrChoose },
    { keys: 'y', label: t('keys.accept'), when: inInbox, run: accept },
    { keys: 'Shift+X', label: t('keys.choose_range'), when: free, run: () => choose(true) },
    { keys: 'n', label: t('keys.start'), when: inInbox, run: () => void actions.startNext() },
    { keys: 'r', label: t('keys.reply'), when: inChat, run: command('reply') },
    { keys: 'Shift+N', label: t('keys.note'), when: inChat, run: command('note') },
    { keys: 'u', label: t('keys.attach'), when: inChat, run: command('attach') },
    { keys: 'a', label: t('keys.assign'), when: inChat, run: command('assign') },
    { keys: 'e', label: t('keys.escalate'), when: inChat, run: command('escalate') },
    { keys: 'Shift+E', label: t('keys.end'), when: inChat, run: command('end') },
    { keys: 't', label: t('keys.tag'), when: inChat, run: command('tag') },
    { keys: 'v', label: t('keys.turn'), when: () => free() && here.page === 'history' && here.chat !== null, run: () => void (layers.turning += 1) },
    { keys: ']', label: t('keys.details'), when: inChat, run: layers.toggleDetails },
    { keys: 'Escape', label: t('keys.close'), when: free, run: close }
  ]
  keymap.add(bindings)
  $effect(() => {
    keymap.singleKeys = prefs.singleKeys
  })
  onDestroy(keymap.close)
}
