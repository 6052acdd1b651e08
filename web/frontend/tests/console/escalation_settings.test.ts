import type { Step } from '#shared/wire.gen'
import { fireEvent, render, screen, within } from '@testing-library/svelte'
import { tick } from 'svelte'
import { describe, expect, it } from 'vitest'
import { acceptSpan, ladderIsRight, MOST_STEPS, movedStep, ofKind, spanOf, withoutStep, withStep } from '../../apps/console/settings/escalations/ladder_editing'
import LadderEditor from '../../apps/console/settings/escalations/LadderEditor.svelte'
import { filledIn, textProblem } from '../../apps/console/settings/escalations/texts_editing'
import TextsEditor from '../../apps/console/settings/escalations/TextsEditor.svelte'
import { cards, payments } from './escalation_fixtures'

const step = (kind: Step['do'], after_s = 60, team_id: number | null = null): Step => ({ do: kind, after_s, team_id })
const usual = [step('remind'), step('origin', 90)]
const kinds = (steps: readonly Step[] | null) => steps?.map(each => each.do)

describe('a ladder', () => {
  it('keeps its end at the end, whatever is added or moved', () => {
    expect(kinds(withStep(usual))).toEqual(['remind', 'remind', 'origin'])
    const three = [step('remind'), step('supervisors'), step('queue')]
    expect(kinds(movedStep(three, 0, 1))).toEqual(['supervisors', 'remind', 'queue'])
    expect(movedStep(three, 1, 2)).toBeNull()
    expect(movedStep(three, 2, 0)).toBeNull()
    expect(movedStep(three, 0, -1)).toBeNull()
    expect(kinds(withoutStep(three, 0))).toEqual(['supervisors', 'queue'])
  })

  it('names a team where one is asked, and nowhere else', () => {
    expect(ofKind(step('remind'), 'team', [payments, cards])).toEqual(step('team', 60, 1))
    expect(ofKind(step('team', 60, 2), 'supervisors', [payments])).toEqual(step('supervisors'))
    expect(ladderIsRight([step('team', 60, 9), step('origin')], [payments])).toBe(false)
    expect(ladderIsRight([step('team', 60, 1), step('origin')], [payments])).toBe(true)
    expect(ladderIsRight(null, [])).toBe(true)
  })

  it('says how long the first has, and how long all of it takes', () => {
    expect(acceptSpan(usual)).toBe(150)
    expect(acceptSpan([step('supervisors', 30), step('origin', 100)])).toBe(30)
    expect(spanOf(usual)).toBe(150)
  })
})

describe('its editor', () => {
  function open(steps: Step[]) {
    render(LadderEditor, { steps, teams: [payments, cards] })
  }
  const rows = () => screen.getAllByRole('listitem')

  it('adds a step before the end and takes one away', async () => {
    open(usual)
    await fireEvent.click(screen.getByRole('button', { name: 'Add a step' }))
    expect(rows().map(row => row.getAttribute('aria-label'))).toEqual(['Step 1, Remind them', 'Step 2, Remind them', 'Step 3, Back to who had it'])
    await tick()
    expect(document.activeElement).toBe(within(rows()[1]!).getByRole('combobox', { name: 'Do' }))
    await fireEvent.click(screen.getByRole('button', { name: 'Remove: Step 1, Remind them' }))
    expect(rows()).toHaveLength(2)
    expect(within(rows()[1]!).queryByRole('button')).toBeNull()
  })

  it('asks which team, where one is asked, and says how long it all takes', async () => {
    open([step('team', 60, 2), step('origin', 90)])
    const which = within(rows()[0]!).getByRole<HTMLSelectElement>('combobox', { name: 'Which team' })
    expect([...which.options].map(option => option.text)).toEqual(['Payments', 'Cards'])
    expect(within(rows()[1]!).queryByRole('combobox', { name: 'Which team' })).toBeNull()
    expect(screen.getByText('Who is asked first has 1 min to accept. All in all it takes 2 min 30 sec.')).toBeTruthy()
  })

  it('moves a step by Alt and an arrow, and the hands stay on it', async () => {
    open([step('remind'), step('supervisors', 120), step('origin')])
    await fireEvent.keyDown(within(rows()[0]!).getByRole('combobox', { name: 'Do' }), { key: 'ArrowDown', altKey: true })
    await tick()
    expect(rows().map(row => row.getAttribute('aria-label'))).toEqual(['Step 1, Ask the supervisors', 'Step 2, Remind them', 'Step 3, Back to who had it'])
    expect(screen.getByText('Now step 2 of 3')).toBeTruthy()
    expect(document.activeElement?.getAttribute('data-move')).toBe('up')
    await fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown', altKey: true })
    expect(rows()[1]!.getAttribute('aria-label')).toBe('Step 2, Remind them')
  })

  it('marks a team that is gone, and ends where there is no room for more', () => {
    open([...Array.from({ length: MOST_STEPS - 1 }, () => step('team', 60, 9)), step('queue')])
    expect(screen.getAllByText('Choose a team that is there.')).toHaveLength(MOST_STEPS - 1)
    expect(screen.queryByRole('button', { name: 'Add a step' })).toBeNull()
    expect(screen.getByText('8 steps are the most.')).toBeTruthy()
  })
})

describe('the texts', () => {
  it('hold known places alone, and a promise says its time', () => {
    expect(textProblem('escalated', 'To {target} by {expected}.')).toBeNull()
    expect(textProblem('escalated', 'To {target}.')).toBe('no_time')
    expect(textProblem('accepted', '{agent} and {target}')).toBe('braces')
    expect(textProblem('back', 'A { alone')).toBe('braces')
    expect(textProblem('later', '  ')).toBe('empty')
    expect(filledIn('{agent}: {agent}, {expected}', { agent: 'Maya', target: 'Payments', expected: '14:30' })).toBe('Maya: Maya, 14:30')
  })

  it('show the usual words, take others, fill in places, and go back', async () => {
    const defaults = { escalated: '{agent} passes you on to {target}: {expected}.', accepted: '{agent} has it.', back: '{agent} is here.', later: 'By {expected}.' }
    render(TextsEditor, { texts: { escalated: null, accepted: null, back: null, later: null }, defaults })
    const group = screen.getByRole('group', { name: 'When somebody accepts' })
    expect(within(group).getByText('Maya has it.')).toBeTruthy()
    await fireEvent.click(within(group).getByRole('button', { name: /^Write your own/ }))
    const box = within(group).getByRole<HTMLTextAreaElement>('textbox')
    expect(box.value).toBe('{agent} has it.')
    await fireEvent.input(box, { target: { value: 'Now with ' } })
    box.setSelectionRange(9, 9)
    await fireEvent.click(within(group).getByRole('button', { name: 'Agent' }))
    await tick()
    expect(box.value).toBe('Now with {agent}')
    expect(within(group).getByText(/Now with Maya/)).toBeTruthy()
    await fireEvent.input(box, { target: { value: 'Now with {target}' } })
    expect(within(group).getByText('Use {agent} and no other braces.')).toBeTruthy()
    await fireEvent.click(within(group).getByRole('button', { name: /^Use the usual words/ }))
    expect(within(group).getByText('Maya has it.')).toBeTruthy()
  })
})
