import { describe, expect, it, vi } from 'vitest'
import { Form } from '../../apps/console/data/form.svelte'
import { refusal } from './stand_ins'

const blank = { name: 'Payments', hue: 262, members: [1, 2] }

describe('a form', () => {
  it('is dirty while something differs, and not when it is put back', () => {
    const form = new Form(blank)
    expect(form.dirty).toBe(false)
    form.values.name = 'Cards'
    form.values.members = [1, 2]
    expect(form.changed).toEqual({ name: 'Cards' })
    form.values.name = 'Payments'
    expect(form.dirty).toBe(false)
  })

  it('sends what was changed, and is clean afterwards with what the server made of it', async () => {
    const form = new Form(blank)
    form.values.name = '  Cards '
    const send = vi.fn(async () => ({ ...blank, name: 'Cards' }))
    expect(await form.save(send)).toBeNull()
    expect(send).toHaveBeenCalledWith({ name: '  Cards ' }, { ...blank, name: '  Cards ' })
    expect([form.values.name, form.dirty, form.busy]).toEqual(['Cards', false, false])
  })

  it('keeps what is typed while it is on its way', async () => {
    const form = new Form(blank)
    form.values.name = 'Cards'
    await form.save(async () => {
      form.values.hue = 25
    })
    expect(form.values).toEqual({ ...blank, name: 'Cards', hue: 25 })
    expect(form.changed).toEqual({ hue: 25 })
  })

  it('marks what was refused until it is changed, and keeps every word', async () => {
    const form = new Form(blank)
    form.values.name = 'Cards'
    form.values.hue = 25
    const refused = await form.save(() => Promise.reject(refusal({ code: 'invalid', fields: { name: ['This is taken.'] } })))
    expect(refused?.code).toBe('invalid')
    expect([form.problem('name'), form.problem('hue'), form.complaint]).toEqual(['This is taken.', null, null])
    form.values.name = 'Loans'
    expect([form.problem('name'), form.complaint]).toEqual([null, null])
    expect(form.values.hue).toBe(25)
  })

  it('says what is wrong with no field as a sentence', async () => {
    const form = new Form(blank)
    form.values.name = 'Cards'
    await form.save(() => Promise.reject(refusal({ code: 'busy' })))
    expect(form.complaint).toBe('The desk is very busy. Try again in a moment.')
    expect(form.dirty).toBe(true)
  })

  it('finds the sentence however deep it lies', () => {
    const form = new Form(blank)
    form.refuse({ code: 'invalid', message: '', fields: { members: { 0: { id: ['No such person.'] } } } })
    expect(form.problem('members')).toBe('No such person.')
  })

  it('asks nobody about what it can see itself', async () => {
    const form = new Form(blank, { check: ({ name }) => (name === '' ? { name: 'Empty.' } : {}) })
    form.values.name = ''
    const send = vi.fn()
    await form.save(send)
    expect(send).not.toHaveBeenCalled()
    expect(form.problem('name')).toBe('Empty.')
  })

  it('follows a fresher copy in what was not touched', () => {
    const form = new Form(blank)
    form.values.name = 'Cards'
    form.take({ name: 'Theirs', hue: 25, members: [3] })
    expect(form.values).toEqual({ name: 'Cards', hue: 25, members: [3] })
    form.discard()
    expect(form.values.name).toBe('Theirs')
  })
})
