/** Calling the agent back: title, favicon, tones, notices and toasts, again until they are seen. Of several tabs, one speaks. */
import type { Toasts } from '#shared/kit/toasts.svelte'
import { electLeader } from '#shared/leader'
import { notify } from '#shared/notify'
import { now } from '#shared/now.svelte'
import { play, soundState, unlockSound } from '#shared/sound'
import { duration, secondsSince } from '#shared/time'
import type { AlarmOut, Alert, ChatOut, MessageOut, PromiseOut } from '#shared/wire.gen'
import { untrack } from 'svelte'
import type { Console, Listeners } from '../data/console.svelte'
import { prefs } from '../data/prefs.svelte'
import { sentenceOf } from '../data/problem'
import { Reminders, type Call } from '../data/reminders'
import { locale, t } from '../i18n'
import { goToChat, goToMentions, goToPromises, goToSettings, here } from '../place.svelte'
import type { CallKind } from '../rules/calls'
import { waitingSince } from '../rules/lists'
import { pageTitle } from '../rules/page_title'
import { saidOf, titleOf } from './outage_words'

/** Said by the banner, not by a toast. */
export const online = $state<{ back: number | null }>({ back: null })
const BACK_SHOWN_MS = 3_000
/** An alarm is louder than what the agent has chosen for the rest, by this factor. */
const ALARM_LOUDER = 1.6

const KIND_OF: Record<Alert['kind'], Call['kind']> = {
  assigned: 'assigned',
  taken_over: 'queue',
  first_reply_late: 'assigned',
  returned: 'queue',
  waiting_long: 'alarm',
  mentioned: 'mention',
  promise_soon: 'promise',
  promise_due: 'promise',
  escalated: 'escalation',
  escalation_reminder: 'escalation',
  escalation_accepted: 'outcome',
  escalation_declined: 'outcome',
  escalation_rejected: 'outcome',
  escalation_timed_out: 'outcome'
}

export interface Attention {
  listeners: Omit<Listeners, 'cut'>
  /** Follow what happens in the tab's title, and fall silent about what was seen. Call inside an effect's reach. */
  watch(console: Console): void
  stop(): void
}

/** @param extend opens the dialog that tells a customer a new time */
export function attend(toasts: Toasts, agentId: number, extend: (promise: PromiseOut) => void): Attention {
  const leader = electLeader(`console-${agentId}`)
  /** What was seen in one tab is seen in all. */
  const tabs = new BroadcastChannel(`parley-seen-${agentId}`)
  let desk: Console | undefined
  let askedToUnlock = false
  /** Chats whose outcome was said: there may be nothing left to open, so whoever is here has heard it. */
  const told = new Set<number>()

  const reminders = new Reminders({
    say,
    isSeen,
    interval: () => (prefs.calling.repeat === 0 ? null : prefs.calling.repeat * 1_000),
    onSeen: keys => tabs.postMessage(keys)
  })
  tabs.onmessage = ({ data }: MessageEvent<string[]>) => reminders.settle(data)

  const look = () => reminders.look()
  addEventListener('focus', look)
  document.addEventListener('visibilitychange', look)

  const looking = (chatId: number) => document.hasFocus() && here.page === 'inbox' && here.chat === chatId

  function isSeen({ kind, chatId }: Call): boolean {
    const chat = desk?.chats.chat(chatId) ?? null
    switch (kind) {
      case 'queue':
        return looking(chatId) || (chat !== null && chat.state !== 'queued') || (document.hasFocus() && here.page === 'inbox' && here.list === 'queue')
      case 'assigned':
        return looking(chatId) || (chat !== null && chat.owner?.id !== agentId)
      case 'message':
        return looking(chatId) || (chat !== null && chat.unread === 0)
      case 'mention':
        return looking(chatId) || desk?.mentions.unseen === 0 || (document.hasFocus() && here.page === 'mentions')
      case 'escalation':
        return looking(chatId) || (chat !== null && desk?.mayTake(chat) === false) || (document.hasFocus() && here.page === 'inbox' && here.list === 'escalations')
      case 'outcome':
        return looking(chatId) || (told.has(chatId) && document.hasFocus())
      case 'promise':
        return looking(chatId) || (document.hasFocus() && here.page === 'promises')
      case 'alarm':
        return chat !== null && desk?.alarms.stands(chatId) === false
    }
  }

  function say(call: Call, again: boolean): void {
    makeHeard(call, again, () => open(call))
  }

  /** By tone and notice, as far as this person wants to be called by such. */
  function makeHeard({ kind, key, title, text }: Omit<Call, 'kind' | 'chatId'> & { kind: CallKind }, again: boolean, onopen: () => void): void {
    const { kinds, volume, quietAway, hideText } = prefs.calling
    const away = desk !== undefined && desk.desk.me.chosen_status !== 'online'
    if (!leader.leads || (quietAway && away)) return
    if (prefs.sound && kinds[kind].sound) {
      void play(kind, kind === 'alarm' ? Math.min(1, volume * ALARM_LOUDER) : volume).then(heard => heard || offerSound())
    }
    if (prefs.notify && kinds[kind].notice) {
      const words = hideText ? { title: t(`calls.hidden_${kind}`), body: '' } : { title, body: text }
      notify({ ...words, tag: key, again, open: onopen })
    }
  }

  function open({ kind, chatId }: Call): void {
    if (kind === 'promise') goToPromises()
    else if (kind === 'mention') goToMentions()
    else goToChat(kind === 'queue' || kind === 'alarm' ? 'queue' : kind === 'escalation' ? 'escalations' : 'mine', chatId)
  }

  /** A browser that keeps the page silent is said so once, with the click that ends it. */
  function offerSound(): void {
    if (askedToUnlock || prefs.calling.volume === 0 || soundState() !== 'locked') return
    askedToUnlock = true
    toasts.show(t('calls.locked'), { seconds: null, action: { label: t('calls.unlock'), run: () => void unlockSound() } })
  }

  function alert(news: Alert): void {
    const kind = KIND_OF[news.kind]
    // Passed on by the desk itself, an offer comes from nobody.
    const said = news.kind === 'escalated' && news.name === null ? 'escalated_on' : news.kind
    const title = t(`alert.${said}`, { customer: news.customer, name: news.name ?? '', time: duration(news.seconds, locale) })
    // What somebody wrote about an escalation is what one wants to know of it.
    const text = kind === 'escalation' || kind === 'outcome' ? (news.text ?? '') : ''
    const call: Call = { key: `${kind}-${news.chat_id}`, kind, chatId: news.chat_id, title, text }
    told.delete(news.chat_id)
    if (!isSeen(call) && kind !== 'alarm') {
      const promised = kind === 'promise' ? desk?.promises.ofEscalation(news.chat_id) : null
      const action = promised
        ? { label: t('alert.extend'), run: () => extend(promised) }
        : { label: t(kind === 'escalation' ? 'alert.look' : 'alert.open'), run: () => open(call) }
      toasts.show(text ? `${title}: ${text}` : title, { seconds: 10, action })
    }
    reminders.call(call)
    if (kind === 'outcome') told.add(news.chat_id)
  }

  /** Once: the banner stands from then on, and says the rest. */
  function outage([first, ...others]: readonly AlarmOut[]): void {
    if (!first) return
    const call = { kind: 'outage', key: `outage-${first.id}`, title: titleOf(first), text: saidOf(first, others.length) } as const
    makeHeard(call, false, () => goToSettings(`${first.about}s`, first.about_id))
  }

  function message(said: MessageOut, chat: ChatOut): void {
    // The store hears of these words after this, and only then are they unread.
    queueMicrotask(() => reminders.call({ key: `message-${chat.id}`, kind: 'message', chatId: chat.id, title: chat.customer.name, text: said.body }))
  }

  function queued(chat: ChatOut): void {
    queueMicrotask(() => reminders.call({
      key: `queue-${chat.id}`, kind: 'queue', chatId: chat.id, title: t('calls.waiting', { name: chat.customer.name }), text: chat.first_message
    }))
  }

  return {
    listeners: {
      alert,
      outage,
      message,
      queued,
      refused: (_, error) => void toasts.show(`${sentenceOf(error)} ${t('composer.kept')}`, { tone: 'bad', seconds: 10 }),
      backOnline(sent) {
        online.back = sent
        setTimeout(() => (online.back = null), BACK_SHOWN_MS)
      }
    },
    watch(console) {
      desk = console
      const { queue, mine, escalations } = console.inbox
      const waiting = $derived(queue.all.length + mine.unread + escalations.all.length)
      const oldest = $derived(queue.all.reduce<string | null>((first, chat) => {
        const since = waitingSince(chat)
        return first === null || Date.parse(since) < Date.parse(first) ? since : first
      }, null))
      const page = $derived(here.page === 'inbox' ? t(`list.${here.list}_title`) : here.page === 'missing' ? t('error.missing_page') : t(`nav.${here.page}`))

      $effect(() => {
        document.title = pageTitle({
          count: waiting, oldest: oldest === null ? null : secondsSince(oldest, now.seconds), page, desk: console.desk.settings.name
        })
      })
      $effect(() => {
        document.querySelector<HTMLLinkElement>('#favicon')?.setAttribute('href', waiting > 0 ? '/icon-unread.svg' : '/icon.svg')
      })
      // Whatever moved may be what somebody was called for.
      $effect(() => {
        void [here.page, here.list, here.chat, queue.all, mine.all, escalations.all, console.mentions.unseen, console.alarms.standing.length]
        untrack(look)
      })
      $effect(() => {
        void prefs.calling.repeat
        untrack(() => reminders.reschedule())
      })
    },
    stop() {
      removeEventListener('focus', look)
      document.removeEventListener('visibilitychange', look)
      reminders.stop()
      tabs.close()
      leader.close()
    }
  }
}
