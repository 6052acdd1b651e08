/**
 * One tab of several speaks: the leader plays the sound and shows the notification.
 *
 * Each tab says every second how long it has been there; the eldest that was heard lately leads. Nothing is stored, so a tab
 * that crashes is simply no longer heard.
 */

const BEAT = 1_000
/** Browsers slow down the timers of hidden tabs to one in a minute at worst. */
const SILENT_AFTER = 65_000

interface Beat {
  id: string
  since: number
  leaving?: true
}

export interface Leader {
  readonly leads: boolean
  close(): void
}

export function electLeader(name: string): Leader {
  const me: Beat = { id: crypto.randomUUID(), since: Date.now() }
  const heard = new Map<string, Beat & { at: number }>()
  const channel = new BroadcastChannel(`parley-leader-${name}`)
  const say = () => channel.postMessage(me)

  channel.onmessage = ({ data }: MessageEvent<Beat>) => {
    const fresh = !heard.has(data.id)
    if (data.leaving) heard.delete(data.id)
    else heard.set(data.id, { ...data, at: Date.now() })
    // A newcomer must not think itself alone until our next beat.
    if (fresh && !data.leaving) say()
  }
  const beat = setInterval(say, BEAT)
  say()

  function close(): void {
    clearInterval(beat)
    channel.postMessage({ ...me, leaving: true })
    channel.close()
  }
  addEventListener('pagehide', close, { once: true })

  return {
    get leads() {
      const present = [...heard.values()].filter(each => Date.now() - each.at < SILENT_AFTER)
      return present.every(each => me.since < each.since || (me.since === each.since && me.id < each.id))
    },
    close
  }
}
