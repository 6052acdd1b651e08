import type { ServiceOut } from '#shared/wire.gen'
import { ApiError, type Api } from '#shared/api'
import { Toasts } from '#shared/kit/toasts.svelte'
import { describe, expect, it, vi } from 'vitest'
import { Editing } from '../../apps/console/knowledge/editing.svelte'
import { blankService, checkArticle, checkService, knowledgeOf, linesOf, serviceBody, serviceValues, type ServiceValues } from '../../apps/console/knowledge/knowledge'

const content = {
  name: 'Delivery', description: '', answer: 'Two days.', phrasings: ['How long?', 'When?'], quick_replies: [], team_id: null,
  handover: 'never' as const, enabled: true
}

function served(version: number, answer = 'Two days.', name = 'Ida Moe'): ServiceOut {
  return {
    id: 7, name: 'Delivery', description: '', handover: 'never', team: null, state: 'published', phrasing_count: 2, unread: 0, answers: 0,
    helped: 0, no_help: 0, version, updated_at: '2026-11-28T10:00:00+00:00', changed_by: { id: 3, name, hue: 10 }, content: { ...content, answer }
  }
}

const fetched = vi.fn<(id: number) => Promise<ServiceOut>>()
const post = vi.fn(async (_path: string) => ({}))

function opened(toasts = new Toasts()) {
  const kind = {
    noun: 'services' as const, fetch: fetched, nameOf: (each: ServiceOut) => each.name, valuesOf: (each: ServiceOut) => serviceValues(each.content),
    blank: blankService, check: checkService
  }
  const editing = new Editing<ServiceOut, ServiceValues>(kind, 7, knowledgeOf({ post } as unknown as Api), toasts)
  editing.hear(served(1))
  return editing
}

describe('what is typed', () => {
  it('is one entry a line, and comes back as it went', () => {
    expect(linesOf(' How long? \n\n When?\n')).toEqual(['How long?', 'When?'])
    expect(serviceBody(serviceValues(content))).toEqual(content)
  })

  it('is checked before the server is asked', () => {
    const check = (over: Partial<ServiceValues>) => Object.keys(checkService({ ...serviceValues(content), ...over }))
    expect(check({})).toEqual([])
    expect(Object.keys(checkService(blankService))).toEqual(['name', 'answer'])
    expect(check({ answer: '', handover: 'instead', team_id: 3 })).toEqual([])
    expect(check({ handover: 'after_answer' })).toEqual(['team_id'])
    expect(check({ quick_replies: 'a\nb\nc\nd\ne' })).toEqual(['quick_replies'])
    expect(check({ quick_replies: 'x'.repeat(41) })).toEqual(['quick_replies'])
    expect(check({ phrasings: `fine\n${'x'.repeat(301)}` })).toEqual(['phrasings'])
    expect(checkArticle({ title: 'A', body: 'B', phrasings: 'why\n'.repeat(201) }).phrasings).toContain('200')
  })
})

describe('two editors', () => {
  it('a newer copy is taken in quietly while nothing is typed', () => {
    const editing = opened()
    editing.hear(served(2, 'Three days.'))
    expect([editing.form!.values.answer, editing.theirs, editing.form!.dirty]).toEqual(['Three days.', null, false])
  })

  it('waits beside what is typed, until one of the two is chosen', () => {
    const editing = opened()
    editing.form!.values.answer = 'Mine.'
    editing.hear(served(2, 'Theirs.'))
    expect([editing.form!.values.answer, editing.theirs?.content.answer]).toEqual(['Mine.', 'Theirs.'])
    editing.keepMine()
    expect([editing.form!.values.answer, editing.entry?.version, editing.theirs]).toEqual(['Mine.', 2, null])
    editing.hear(served(3, 'Theirs again.'))
    editing.takeTheirs()
    expect([editing.form!.values.answer, editing.entry?.version, editing.form!.dirty]).toEqual(['Theirs again.', 3, false])
  })

  it('a save against an old version is refused, and the newer copy is asked for', async () => {
    const editing = opened()
    editing.form!.values.answer = 'Mine.'
    const send = vi.fn(async (_: ServiceValues, version: number) => {
      if (version < 2) throw new ApiError({ code: 'stale', message: 'Somebody else', version: 2 })
      return served(3, 'Mine.')
    })
    const again = vi.fn(async () => editing.hear(served(2, 'Theirs.')))
    expect((await editing.save(send, again))?.code).toBe('stale')
    expect([again.mock.calls.length, editing.theirs?.version]).toEqual([1, 2])
    editing.keepMine()
    expect(await editing.save(send, again)).toBeNull()
    expect([editing.entry?.version, editing.form!.dirty]).toEqual([3, false])
  })
})

describe('what needs no form', () => {
  it('is done, said and taken back', async () => {
    const toasts = new Toasts()
    const editing = opened(toasts)
    fetched.mockResolvedValueOnce({ ...served(2), state: 'archived' })
    await editing.archive()
    expect(post).toHaveBeenLastCalledWith('/services/7/archive')
    expect([editing.entry?.state, toasts.items[0]?.text]).toEqual(['archived', expect.stringContaining('Delivery')])
    fetched.mockResolvedValueOnce(served(3))
    toasts.items[0]!.action!.run()
    await vi.waitFor(() => expect(editing.entry?.version).toBe(3))
    expect(post).toHaveBeenLastCalledWith('/services/7/restore')
  })

  it('is refused aloud, and what is typed stays', async () => {
    const toasts = new Toasts()
    const editing = opened(toasts)
    editing.form!.values.answer = 'Mine.'
    post.mockRejectedValueOnce(new ApiError({ code: 'stale', message: 'Too late.' }))
    await editing.archive()
    expect([editing.form!.values.answer, toasts.items[0]?.tone]).toEqual(['Mine.', 'bad'])
  })
})

describe('what the server has of it', () => {
  it('is nothing where it is gone, and a fault is a fault', async () => {
    const editing = opened()
    fetched.mockRejectedValueOnce(new ApiError({ code: 'not_found', message: '' }))
    expect(await editing.find()).toEqual({ entry: null })
    fetched.mockRejectedValueOnce(new ApiError({ code: 'unknown', message: '' }))
    await expect(editing.find()).rejects.toThrow()
  })
})
