/** The approved texts of one channel, read again when somebody has asked the provider for them. */
import type { TemplateList } from '#shared/wire.gen'
import type { Console } from './console.svelte'
import { fetched, type Fetched } from './fetched.svelte'

const LOOK_AGAIN_MS = 2_000

export class Templates {
  readonly list: Fetched<TemplateList>
  readonly #console: Console
  readonly #channelId: number

  /** Call while a component is made. */
  constructor(console: Console, channelId: number) {
    this.#console = console
    this.#channelId = channelId
    this.list = fetched(console, ['channels'], () => console.server.templates(channelId))
    // The provider's answer is told; should that be missed, it is looked for.
    $effect(() => {
      if (!this.list.value?.reading) return
      const timer = setInterval(() => void this.list.load(), LOOK_AGAIN_MS)
      return () => clearInterval(timer)
    })
  }

  readAnew = async (): Promise<void> => this.list.put(await this.#console.server.readTemplates(this.#channelId))
}
