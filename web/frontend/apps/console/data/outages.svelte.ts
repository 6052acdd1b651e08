/** What does not get out, or in: for those who keep the channels. It stands until the server says that it is over. */
import type { AlarmOut } from '#shared/wire.gen'
import type { Desk } from './desk.svelte'
import { problemOf } from './problem'
import type { Server } from './server'

export class Outages {
  /** The oldest first. */
  standing = $state.raw<readonly AlarmOut[]>([])

  constructor(
    private readonly desk: Pick<Desk, 'can'>,
    private readonly server: Pick<Server, 'alarms' | 'lostSeen'>
  ) {}

  load = async (): Promise<void> => {
    if (!this.desk.can('desk.edit')) return
    try {
      this.standing = (await this.server.alarms()).items
    } catch (thrown) {
      problemOf(thrown) // it is asked again with the next news, and when the connection is back
    }
  }

  /** Somebody has looked at what was lost. */
  seen = async (channelId: number): Promise<void> => {
    this.standing = (await this.server.lostSeen(channelId)).items
  }
}

/** Whether nothing is left to do but to look: what still waits cannot be put away. */
export const isOver = ({ about, waiting, cut_off }: AlarmOut): boolean => about === 'channel' && waiting === 0 && !cut_off
