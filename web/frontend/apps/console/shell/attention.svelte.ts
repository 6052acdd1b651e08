/** Calling the agent back: title, favicon, tones, notices and toasts. Of several tabs, one speaks. */
import type { Toasts } from '#shared/kit/toasts.svelte'
import { electLeader } from '#shared/leader'
import { notify } from '#shared/notify'
import { play } from '#shared/sound'
import { duration } from '#shared/time'
import type { Alert, ChatOut, MessageOut } from '#shared/wire.gen'
import type { Console, Listeners } from '../data/console.svelte'
import { prefs } from '../data/prefs.svelte'
import { sentenceOf } from '../data/problem'
import { locale, t } from '../i18n'
import { goToChat, here } from '../place.svelte'

/** Said by the banner, not by a toast. */
export const online = $state<{ back: number | null }>({ back: null })
const BACK_SHOWN_MS = 3_000

export interface Attention {
  listeners: Omit<Listeners, 'cut'>
  /** Follow the unread count in the tab. Call inside an effect's reach. */
  watch(console: Console): void
  stop(): void
}

export function attend(toasts: Toasts, agentId: number): Attention {
  const leader = electLeader(`console-${agentId}`)
  const looking = (chatId: number) => document.hasFocus() && here.page === 'inbox' && here.chat === chatId

  function tone(which: 'queue' | 'message'): void {
    if (prefs.sound && leader.leads) void play(which)
  }

  function notice(title: string, body: string, chatId: number): void {
    if (prefs.notify && leader.leads) notify({ title, body, tag: `chat-${chatId}`, open: () => goToChat('mine', chatId) })
  }

  function alert(news: Alert): void {
    const text = t(`alert.${news.kind}`, { customer: news.customer, time: duration(news.seconds, locale) })
    const list = news.kind === 'assigned' || news.kind === 'first_reply_late' ? 'mine' : 'queue'
    tone('queue')
    notice(text, '', news.chat_id)
    if (!looking(news.chat_id)) toasts.show(text, { seconds: 10, action: { label: t('alert.open'), run: () => goToChat(list, news.chat_id) } })
  }

  function message(said: MessageOut, chat: ChatOut): void {
    if (looking(chat.id)) return
    tone('message')
    notice(chat.customer.name, said.body, chat.id)
  }

  return {
    listeners: {
      alert,
      message,
      queued: () => tone('queue'),
      refused: (_, error) => void toasts.show(`${sentenceOf(error)} ${t('composer.kept')}`, { tone: 'bad', seconds: 10 }),
      backOnline(sent) {
        online.back = sent
        setTimeout(() => (online.back = null), BACK_SHOWN_MS)
      }
    },
    watch(console) {
      $effect(() => {
        const page = t(here.page === 'history' ? 'nav.history' : `list.${here.list}_title`)
        const unread = console.inbox.mine.unread
        document.title = `${unread > 0 ? `(${unread}) ` : ''}${page} · ${console.desk.settings.name}`
        document.querySelector<HTMLLinkElement>('#favicon')?.setAttribute('href', unread > 0 ? '/icon-unread.svg' : '/icon.svg')
      })
    },
    stop: () => leader.close()
  }
}
