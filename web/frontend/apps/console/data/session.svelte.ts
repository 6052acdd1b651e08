/** Who is signed in on this page, and why they are not any more. */
import type { CutOff, MeOut } from '#shared/wire.gen'
import { problemOf } from './problem'
import type { Server } from './server'

export class Session {
  status = $state<'checking' | 'unreachable' | 'out' | 'in'>('checking')
  me = $state.raw<MeOut | null>(null)
  /** Said on the sign-in page; null after an ordinary sign-out. */
  cut = $state<CutOff['reason'] | null>(null)

  constructor(private readonly server: Server) {}

  /** A cookie may still be good from last time. */
  async resume(): Promise<void> {
    this.status = 'checking'
    try {
      this.#enter(await this.server.me())
    } catch (thrown) {
      this.status = problemOf(thrown).code === 'signed_out' ? 'out' : 'unreachable'
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    this.#enter(await this.server.signIn(email, password))
  }

  async signOut(): Promise<void> {
    await this.server.signOut()
    this.leave(null)
  }

  /** The server has closed this session, or the agent has. */
  leave(cut: CutOff['reason'] | null): void {
    if (this.status === 'out') return
    this.me = null
    this.cut = cut
    this.status = 'out'
  }

  #enter(me: MeOut): void {
    this.me = me
    this.cut = null
    this.status = 'in'
  }
}
