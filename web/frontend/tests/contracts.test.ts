/**
 * Replay what the server's own flow tests recorded: snapshot, then every event it told, must give its final snapshot.
 *
 * The recordings lie in `tests/contracts/*.json` at the root of the repository and are written by the Python side.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ChatStore } from '#shared/store/chats'
import type { NumberedChat, NumberedMessage, View } from '#shared/store/thread'
import { consoleView, visitorView } from '#shared/store/views'
import type { Heads, Receipt } from '#shared/wire.gen'

interface Snapshot<C, M> {
  chats: C[]
  messages: Record<string, M[]>
}

interface Contract<C = NumberedChat, M = NumberedMessage> {
  name: string
  view: 'console' | 'visitor'
  snapshot: Snapshot<C, M>
  events: [name: string, payload: unknown][]
  final: Snapshot<C, M>
}

const FOLDER = resolve(import.meta.dirname, '../../../tests/contracts')

function recordings(): Contract[] {
  const files = readdirSync(FOLDER).filter(name => name.endsWith('.json'))
  return files.toSorted().map(name => JSON.parse(readFileSync(resolve(FOLDER, name), 'utf8')) as Contract)
}

function replay<C extends NumberedChat, M extends NumberedMessage>(view: View<C, M>, contract: Contract<C, M>) {
  const store = new ChatStore<C, M>(view, new Map())
  for (const chat of contract.snapshot.chats) store.putChat(chat)
  for (const [id, messages] of Object.entries(contract.snapshot.messages)) store.putPage(Number(id), messages)
  for (const [name, payload] of contract.events) {
    if (name === 'message:new') store.putMessage(payload as M)
    else if (name === 'chat:changed') store.putChat(payload as C)
    else if (name === 'chat:receipt') store.putReceipt(payload as Receipt)
    else if (name === 'heads') store.putHeads(payload as Heads)
  }
  return store
}

function check<C extends NumberedChat, M extends NumberedMessage>(view: View<C, M>, contract: Contract<C, M>): void {
  const store = replay(view, contract)
  for (const chat of contract.final.chats) expect(store.chat(chat.id)).toEqual(chat)
  for (const [id, messages] of Object.entries(contract.final.messages)) expect(store.messages(Number(id))).toEqual(messages)
}

describe('contracts', () => {
  const contracts = recordings()

  it('are recorded for both sides of a chat', () => {
    expect(new Set(contracts.map(contract => contract.view))).toEqual(new Set(['console', 'visitor']))
  })

  it.each(contracts)('$name', contract => {
    if (contract.view === 'console') check(consoleView, contract as Contract<never, never>)
    else check(visitorView, contract as Contract<never, never>)
  })
})
