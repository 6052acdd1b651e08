import { describe, expect, it } from 'vitest'
import { createI18n } from '#shared/i18n'

const english = {
  hello: 'Hello {name}',
  waiting: { one: '{count} person waits', other: '{count} people wait' },
  bare: 'Nothing to fill in'
} as const

describe('t', () => {
  const { t } = createI18n(english)

  it('fills in values', () => {
    expect(t('hello', { name: 'Ana' })).toBe('Hello Ana')
  })

  it('leaves a placeholder that nobody filled, for everybody to see', () => {
    expect(t('hello')).toBe('Hello {name}')
  })

  it('chooses the plural by count and writes numbers the way of the place', () => {
    expect(t('waiting', { count: 1 })).toBe('1 person waits')
    expect(t('waiting', { count: 1234 })).toBe('1,234 people wait')
  })

  it('does not read placeholders inside values', () => {
    expect(t('hello', { name: '{count}' })).toBe('Hello {count}')
  })
})

describe('a translation', () => {
  const polish = { waiting: { one: '{count} osoba', few: '{count} osoby', other: '{count} osób' } }
  const { t } = createI18n(english, 'pl', polish)

  it('uses the plural rules of its language', () => {
    expect([1, 3, 5].map(count => t('waiting', { count }))).toEqual(['1 osoba', '3 osoby', '5 osób'])
  })

  it('falls back to English for what it lacks', () => {
    expect(t('bare')).toBe('Nothing to fill in')
  })
})

it('gives the pieces of a sentence, named where a value stood', () => {
  expect(createI18n(english).parts('hello', { name: 'Ana' })).toEqual([{ text: 'Hello ' }, { text: 'Ana', name: 'name' }])
})
