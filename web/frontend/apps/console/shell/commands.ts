/** Everything the palette can do, and the keys that do the same: one list, so the two cannot drift apart. */
import type { Command } from '#shared/kit/CommandPalette.svelte'
import type { ChatOut } from '#shared/wire.gen'
import type { Frame } from '../context'
import { prefs } from '../data/prefs.svelte'
import { t } from '../i18n'
import { goToChat, goToList, goToSettings, here } from '../place.svelte'
import { settingsFor } from '../rules/settings_pages'
import { leave } from './leaving'
import { navigation } from './navigation'

export function commandsOf(frame: Frame): Command[] {
  return [...chatActions(frame), ...chats(frame), ...pages(frame), ...ownActions(frame)]
}

/** The chat on the screen, if it is one of the inbox. */
export function currentChat({ console }: Frame): ChatOut | null {
  return here.page === 'inbox' ? (console.open?.chat ?? null) : null
}

function chatActions(frame: Frame): Command[] {
  const chat = currentChat(frame)
  if (!chat) return []
  const { actions, console: { desk, open }, layers } = frame
  const customer = open?.customer ?? null
  const may = actions.allowed(chat)
  const group = t('palette.actions')
  const commands: (Command | false)[] = [
    may.start && { id: 'start', group, icon: 'message-circle', label: t('row.start'), hint: chat.customer.name, run: () => void actions.start(chat) },
    may.takeover && chat.owner === null && { id: 'takeover', group, icon: 'hand', label: t('palette.takeover'), run: () => void actions.takeover(chat) },
    may.takeover && chat.owner !== null && {
      id: 'takeover', group, icon: 'hand', label: t('chat.takeover_from', { name: chat.owner.name }), run: () => layers.show({ kind: 'takeover', chat })
    },
    may.move && { id: 'move', group, icon: 'arrow-right-left', label: t('palette.move'), run: () => layers.show({ kind: 'move', chat }) },
    may.followUp && { id: 'follow-up', group, icon: 'message-circle', label: t('palette.follow_up'), run: () => layers.show({ kind: 'follow_up', chat }) },
    { id: 'assignments', group, icon: 'list-ordered', label: t('palette.assignments'), run: () => layers.show({ kind: 'assignments', chat }) },
    may.reply && { id: 'reply', group, icon: 'message-circle', label: t('palette.reply'), keys: 'r', run: () => layers.write('reply') },
    may.note && { id: 'note', group, icon: 'sticky-note', label: t('palette.note'), keys: 'Shift+N', run: () => layers.write('note') },
    may.reply && { id: 'attach', group, icon: 'paperclip', label: t('palette.attach'), keys: 'u', run: () => void (layers.attaching += 1) },
    may.assign && { id: 'assign', group, icon: 'user-plus', label: t('palette.assign'), keys: 'a', run: () => layers.show({ kind: 'assign', chat }) },
    may.accept && { id: 'accept', group, icon: 'check', label: t('palette.accept'), hint: chat.customer.name, keys: 'y', run: () => void actions.accept(chat) },
    may.accept && { id: 'reject', group, icon: 'x', label: t('palette.reject'), hint: chat.customer.name, keys: 'x', run: () => layers.show({ kind: 'reject', chat }) },
    may.escalate && { id: 'escalate', group, icon: 'arrow-up-right', label: t('palette.escalate'), keys: 'e', run: () => layers.show({ kind: 'escalate', chat }) },
    may.cancel && { id: 'cancel-escalation', group, icon: 'undo-2', label: t('palette.cancel_escalation'), run: () => void actions.cancelEscalation(chat) },
    { id: 'offers', group, icon: 'arrow-up-right', label: t('palette.offers'), run: () => layers.show({ kind: 'offers', chat }) },
    may.giveBack && { id: 'return', group, icon: 'rotate-ccw', label: t('palette.return'), run: () => layers.show({ kind: 'return', chat }) },
    may.tag && { id: 'tag', group, icon: 'tag', label: t('palette.tag'), keys: 't', run: layers.tag },
    { id: 'details', group, icon: 'panel-right', label: t('palette.details'), keys: ']', run: layers.toggleDetails },
    customer !== null && customer.block === null && desk.can('chat.answer') && {
      id: 'block', group, icon: 'ban', label: t('palette.block', { name: customer.name }), run: () => layers.show({ kind: 'block', customer })
    },
    desk.settings.mail && desk.can('chat.answer') && {
      id: 'transcript', group, icon: 'mail', label: t('palette.transcript'), run: () => layers.show({ kind: 'transcript', chat, email: customer?.email ?? '' })
    },
    may.end && { id: 'end', group, icon: 'circle-check', label: t('palette.end'), keys: 'Shift+E', run: () => layers.show({ kind: 'end', chat }) }
  ]
  return commands.filter(command => command !== false)
}

function chats({ console }: Frame): Command[] {
  const group = t('palette.chats')
  return console.inbox.lists.flatMap(list =>
    list.all.map(chat => ({
      id: `chat-${chat.id}`,
      group,
      icon: list.name === 'bot' ? 'bot' as const : 'message-circle' as const,
      label: chat.customer.name,
      hint: [t(`palette.chat_${list.name}`), chat.last_message?.body ?? chat.first_message].filter(Boolean).join(', '),
      run: () => goToChat(list.name, chat.id)
    }))
  )
}

function pages(frame: Frame): Command[] {
  const { console } = frame
  const group = t('palette.pages')
  const lists: Command[] = console.inbox.lists.map((list, i) => ({
    id: `list-${list.name}`, group, icon: 'inbox', label: t('palette.go', { page: t(`list.${list.name}_title`) }), keys: String(i + 1),
    run: () => goToList(list.name)
  }))
  const settings: Command[] = settingsFor(console.desk.can).map(({ id, icon }) => ({
    id: `settings-${id}`, group, icon, label: t('palette.settings', { page: t(`settings.page_${id}`) }), run: () => goToSettings(id)
  }))
  return [
    ...lists,
    ...navigation(frame, Date.now()).filter(each => each.page !== 'inbox').map(({ page, icon, label, key, go }): Command => ({
      id: page, group, icon, label: t('palette.go', { page: label }), keys: `g ${key}`, run: go
    })),
    ...settings
  ]
}

function ownActions(frame: Frame): Command[] {
  const { actions, console, layers } = frame
  const group = t('palette.actions')
  const { status } = console.desk.me
  const dark = prefs.theme === 'dark' || (prefs.theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  const commands: (Command | false)[] = [
    console.inbox.queue.all.length > 0 && {
      id: 'next', group, icon: 'zap', label: t('palette.start_next'), keys: 'n', run: () => void actions.startNext()
    },
    status !== 'online' && { id: 'online', group, icon: 'circle-user', label: t('palette.online'), run: () => void leave(frame, 'online') },
    status !== 'away' && { id: 'away', group, icon: 'circle-user', label: t('palette.away'), run: () => void leave(frame, 'away') },
    status !== 'offline' && { id: 'offline', group, icon: 'circle-user', label: t('palette.offline'), run: () => void leave(frame, 'offline') },
    { id: 'theme', group, icon: dark ? 'sun' : 'moon', label: t('palette.theme'), run: () => void (prefs.theme = dark ? 'light' : 'dark') },
    { id: 'keys', group, icon: 'keyboard', label: t('palette.keys'), keys: '?', run: () => layers.show({ kind: 'keys' }) },
    { id: 'sign-out', group, icon: 'log-out', label: t('palette.sign_out'), run: () => void leave(frame, 'sign_out') }
  ]
  return commands.filter(command => command !== false)
}
