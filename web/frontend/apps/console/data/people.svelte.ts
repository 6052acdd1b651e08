/** What an agent writes down about a customer. Each change is shown when the server has taken it. */
import type { BlockBody, CustomerOut, CustomerPatch } from '#shared/wire.gen'
import { complaintOf, problemOf } from './problem'
import type { Server } from './server'

export class People {
  constructor(
    private readonly server: Server,
    private readonly heard: (customer: CustomerOut) => void
  ) {}

  /** Each returns what the server refused, in a sentence, or null when it is done. */
  correct = (id: number, change: CustomerPatch): Promise<string | null> => this.#ask(() => this.server.correct(id, change))
  addNote = (id: number, body: string): Promise<string | null> => this.#ask(() => this.server.addCustomerNote(id, body))
  removeNote = (id: number, noteId: number): Promise<string | null> => this.#ask(() => this.server.removeCustomerNote(id, noteId))
  block = (id: number, body: BlockBody): Promise<string | null> => this.#ask(() => this.server.block(id, body))
  separate = (joinId: number): Promise<string | null> => this.#ask(() => this.server.separate(joinId))
  unblock = (id: number): Promise<string | null> => this.#ask(() => this.server.unblock(id))

  /** Throws what was refused: the dialog that asks has a place for it. */
  askToConfirm = async (chatId: number, email: string): Promise<void> => this.heard(await this.server.askToConfirm(chatId, { email }))

  async #ask(command: () => Promise<CustomerOut>): Promise<string | null> {
    try {
      this.heard(await command())
      return null
    } catch (thrown) {
      return complaintOf(problemOf(thrown))
    }
  }
}
