import { describe, expect, it, vi } from 'vitest'
import { config } from '../../apps/widget/fixtures'
import { Writing } from '../../apps/widget/writing.svelte'
import { ApiError } from '#shared/api'
import { attachment, Cardboard, entry } from './cardboard'

const file = (name: string, size: number) => {
  const made = new File(['x'], name)
  Object.defineProperty(made, 'size', { value: size })
  return made
}
const settled = () => new Promise(resolve => setTimeout(resolve))

function begun(desk = new Cardboard()) {
  return { desk, writing: new Writing(desk.keep, desk.desk) }
}

describe('what is being written', () => {
  it('outlives the page, and goes with the message', () => {
    const { desk, writing } = begun()
    writing.draft = 'Half a sen'
    expect(begun(desk).writing.draft).toBe('Half a sen')
    expect(writing.take().body).toBe('Half a sen')
    expect(begun(desk).writing.draft).toBe('')
  })

  it('carries the quote of what it answers, cut as the desk cuts it', () => {
    const { writing } = begun()
    writing.draft = 'Twice a week'
    writing.answer(entry(4, 'agent', { body: '🌱'.repeat(300) }))
    const { extra } = writing.take()
    expect(extra.quote).toEqual({ id: 4, author_kind: 'agent', author_name: 'Maya', body: '🌱'.repeat(200) })
    expect([writing.quote, writing.take().extra]).toEqual([null, {}])
  })

  it('is put back before what has been begun since', async () => {
    const { writing } = begun()
    writing.draft = 'and another thing'
    await writing.takeBack('A story', { attachments: [attachment({ name: 'photo.jpg' })] }, config.uploads)
    expect(writing.draft).toBe('A story\nand another thing')
    expect(writing.files.map(each => [each.name, each.state])).toEqual([['photo.jpg', 'done']])
  })
})

describe('files', () => {
  it('of 5,242,880 bytes pass, of one more are refused before anything is sent', async () => {
    const { desk, writing } = begun()
    await writing.attach([file('just.png', 5_242_880), file('over.png', 5_242_881), file('run.exe', 10)], config.uploads)
    await settled()
    expect(writing.files.map(each => [each.name, each.state, each.unfit?.code ?? null])).toEqual([
      ['just.png', 'done', null],
      ['over.png', 'refused', 'too_large'],
      ['run.exe', 'refused', 'wrong_kind']
    ])
    expect(desk.desk.upload).toHaveBeenCalledOnce()
    expect(writing.ready).toBe(true)
    expect(writing.take().extra.attachments?.map(each => each.name)).toEqual(['just.png'])
    expect([writing.files, writing.empty]).toEqual([[], true])
  })

  it('on their way hold the message back, and so does one that failed', async () => {
    const { desk, writing } = begun()
    let arrive: (reason: ApiError) => void = () => undefined
    vi.mocked(desk.desk.upload).mockImplementationOnce(() => new Promise((_, reject) => (arrive = reject)))
    writing.draft = 'Here it is'
    await writing.attach([file('leaf.jpg', 10)], config.uploads)
    expect(writing.ready).toBe(false)
    arrive(new ApiError({ code: 'offline', message: '' }))
    await settled()
    expect([writing.files[0]?.state, writing.ready]).toEqual(['failed', false])
    writing.retryLost()
    await settled()
    expect([writing.files[0]?.state, writing.ready]).toEqual(['done', true])
  })

  it('that the desk refused are not tried again by themselves', async () => {
    const { desk, writing } = begun()
    vi.mocked(desk.desk.upload).mockRejectedValueOnce(new ApiError({ code: 'wrong_content', message: 'Not a picture.' }))
    await writing.attach([file('leaf.jpg', 10)], config.uploads)
    await settled()
    writing.retryLost()
    await settled()
    expect(desk.desk.upload).toHaveBeenCalledOnce()
    writing.removeFile(writing.files[0]!.id)
    expect(writing.files).toEqual([])
  })

  it('taken off again are given back to the desk', async () => {
    const { desk, writing } = begun()
    vi.mocked(desk.desk.upload).mockResolvedValueOnce(attachment({ id: 77 }))
    await writing.attach([file('leaf.jpg', 10)], config.uploads)
    await settled()
    writing.removeFile(writing.files[0]!.id)
    expect(desk.desk.discardFile).toHaveBeenCalledExactlyOnceWith(77)
  })
})
