import { afterEach, expect, it, vi } from 'vitest'
import { electLeader, type Leader } from '#shared/leader'

const tabs: Leader[] = []
const open = () => {
  const tab = electLeader('test')
  tabs.push(tab)
  return tab
}
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close()
})

it('leads alone, leaves the lead to the eldest, and inherits it', async () => {
  const first = open()
  expect(first.leads).toBe(true)
  await new Promise(resolve => setTimeout(resolve, 5))
  const second = open()
  await vi.waitFor(() => expect(second.leads).toBe(false))
  expect(first.leads).toBe(true)
  tabs.shift()!.close()
  await vi.waitFor(() => expect(second.leads).toBe(true))
})
