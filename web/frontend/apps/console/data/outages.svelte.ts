/** What does not get out, or in: for those who keep the channels. It stands until the server says that it is over. */
import type { AlarmOut } from '#shared/wire.gen'
import type { Desk } from './desk.svelte'
import { problemOf } from './problem'
import type { Server } from './server'

export class Outages {
  /** The oldest first. */
  standing = $state.raw<readonly AlarmOut[]>([])
  /** Which stood before; null until it was asked for once: what stands when the page is opened is read there, and calls nobody. */
  #known: ReadonlySet<number> | null = null

  constructor(
    private readonly desk: Pick<Desk, 'can'>,
    private readonly server: Pick<Server, 'alarms' | 'lostSeen'>,
    /** Told of each once, when it has begun. */
    private readonly onbegun: (begun: readonly AlarmOut[]) => void
  ) {}

  load = async (): Promise<void> => {
    if (!this.desk.can('desk.edit')) return
    try {
      this.#stand((await this.server.alarms()).items)
    } catch (thrown) {
      problemOf(thrown) // it is asked again with the next news, and when the connection is back
    }
  }

  /** Somebody has looked at what was lost. */
  seen = async (channelId: number): Promise<void> => {
    this.#stand((await this.server.lostSeen(channelId)).items)
  }

  #stand(standing: readonly AlarmOut[]): void {
    const begun = standing.filter(alarm => this.#known?.has(alarm.id) === false)
    this.#known = new Set([...(this.#known ?? []), ...standing.map(alarm => alarm.id)])
    this.standing = standing
    if (begun.length > 0) this.onbegun(begun)
  }
}

/** Whether nothing is left to do but to look: what still waits cannot be put away. */
export const isOver = ({ about, waiting, cut_off }: AlarmOut): boolean => about === 'channel' && waiting === 0 && !cut_off
