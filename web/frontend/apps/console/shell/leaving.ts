/** Coming, going and signing out. Whoever goes with chats in hand is asked what becomes of them. */
import type { Frame } from '../context'
import { problemOf, sentenceOf } from '../data/problem'

export async function leave({ actions, console, layers, session, toasts }: Frame, to: 'online' | 'away' | 'offline' | 'sign_out'): Promise<void> {
  if ((to === 'offline' || to === 'sign_out') && actions.load > 0) return layers.show({ kind: 'leave', purpose: to })
  try {
    if (to === 'sign_out') await session.signOut()
    else await console.desk.setPresence({ status: to })
  } catch (thrown) {
    toasts.show(sentenceOf(problemOf(thrown)), { tone: 'bad' })
  }
}
