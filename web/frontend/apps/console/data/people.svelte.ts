/** What an agent writes down about a customer. Each change is shown when the server has taken it. */
import type { BlockBody, CustomerOut, CustomerPatch, ErrorOut } from '#shared/wire.gen'
import { problemOf, sentenceOf } from './problem'
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
  askToConfirm = (chatId: number, email: string): Promise<string | null> => this.#ask(() => this.server.askToConfirm(chatId, { email }))
  separate = (joinId: number): Promise<string | null> => this.#ask(() => this.server.separate(joinId))
  unblock = (id: number): Promise<string | null> => this.#ask(() => this.server.unblock(id))

  async #ask(command: () => Promise<CustomerOut>): Promise<string | null> {
    try {
      this.heard(await command())
      return null
    } catch (thrown) {
      return complaintOf(problemOf(thrown))
    }
  }
}

/** Of a value that does not fit, what the server says of that value; else the sentence of the refusal. */
export function complaintOf(error: ErrorOut): string {
  if (error.code !== 'invalid') return sentenceOf(error)
  const attribute = Object.entries(error.fields ?? {}).find(([name]) => name.startsWith('attributes.'))?.[1]
  const said: unknown = Array.isArray(attribute) ? attribute[0] : attribute
  return typeof said === 'string' ? said : error.message || sentenceOf(error)
}
