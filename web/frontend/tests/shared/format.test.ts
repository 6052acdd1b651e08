import { render } from '@testing-library/svelte'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { format, plain, safeAddress, type Piece } from '#shared/format'
import FormattedText from '#shared/FormattedText.svelte'

const textOf = (pieces: readonly Piece[]): string =>
  pieces.map(piece => ('text' in piece ? piece.text : 'children' in piece ? textOf(piece.children) : '\n')).join('')

const links = (text: string) => format(text).flatMap(piece => (piece.kind === 'link' ? [piece.href] : []))

describe('marks', () => {
  it('makes bold, italic, code and line breaks', () => {
    expect(format('a **b** *c* _d_ `e`\nf')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'bold', children: [{ kind: 'text', text: 'b' }] },
      { kind: 'text', text: ' ' },
      { kind: 'italic', children: [{ kind: 'text', text: 'c' }] },
      { kind: 'text', text: ' ' },
      { kind: 'italic', children: [{ kind: 'text', text: 'd' }] },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'e' },
      { kind: 'break' },
      { kind: 'text', text: 'f' }
    ])
  })

  it.each(['2 * 3 * 4', 'some_file_name', '5 ** 2', '** not bold **', '`open', '*', 'a * b'])('leaves %j alone', text => {
    expect(format(text)).toEqual([{ kind: 'text', text }])
  })

  it('reads no marks inside code', () => {
    expect(format('`**a**`')).toEqual([{ kind: 'code', text: '**a**' }])
  })

  it('finds a link inside bold', () => {
    expect(format('**see https://a.example**')).toEqual([
      {
        kind: 'bold',
        children: [
          { kind: 'text', text: 'see ' },
          { kind: 'link', href: 'https://a.example/', text: 'https://a.example' }
        ]
      }
    ])
  })
})

describe('links', () => {
  it('leaves the end of the sentence out of the address', () => {
    expect(links('Look at https://a.example/b. Or (https://a.example/c), or https://a.example/d_(e)!')).toEqual([
      'https://a.example/b',
      'https://a.example/c',
      'https://a.example/d_(e)'
    ])
  })

  it('knows mail and telephone', () => {
    expect(links('desk@fern.example mailto:x@y.example tel:+4912345')).toEqual([
      'mailto:desk@fern.example',
      'mailto:x@y.example',
      'tel:+4912345'
    ])
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'https://',
    '//a.example'
  ])('does not open %j', text => {
    expect(links(text)).toEqual([])
    expect(safeAddress(text)).toBeNull()
  })
})

describe('whatever people write', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom('**', '*', '_', '`', '\n', ' ', '<img src=x onerror=alert(1)>', 'https://a.b', 'javascript:', 'a@b.c', '(', ')', 'x')).map(all => all.join(''))
  )

  it('opens only the four safe kinds of address', () => {
    fc.assert(fc.property(hostile, text => links(text).every(href => /^(?:https?|mailto|tel):/.test(href))))
  })

  it('loses no character but marks', () => {
    fc.assert(
      fc.property(hostile, text => {
        const letters = (each: string) => each.replace(/[*_`\r\n]/g, '')
        expect(letters(textOf(format(text)))).toBe(letters(text))
      })
    )
  })

  it('is quick even with marks that never close', () => {
    const started = performance.now()
    format('**a '.repeat(2_000) + '_'.repeat(2_000) + '`'.repeat(2_000))
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('shows markup as text', () => {
    const { container } = render(FormattedText, { text: '<img src=x onerror=alert(1)> **<b>hi</b>**' })
    expect(container.querySelector('img, b')).toBeNull()
    expect(container.textContent).toBe('<img src=x onerror=alert(1)> <b>hi</b>')
  })

  it('adds no white space between pieces', () => {
    const { container } = render(FormattedText, { text: 'a **b**c `d`, https://a.example.' })
    expect(container.textContent).toBe('a bc d, https://a.example.')
    const link = container.querySelector('a')!
    expect(link.rel).toContain('noopener')
    expect(link.target).toBe('_blank')
  })
})

describe('plain words', () => {
  // The same as in tests/models/rules/test_stopping.py: what is sent is what the preview shows.
  it.each([
    ['**Bold** and *slanted* and _so_', 'Bold and slanted and so'],
    ['**bold with *more* inside**', 'bold with more inside'],
    ['`code **stays**`', 'code **stays**'],
    ['2 * 3 * 4 and some_file_name', '2 * 3 * 4 and some_file_name'],
    ['https://shop.example/a_b_c?d=*e*', 'https://shop.example/a_b_c?d=*e*'],
    ['see (https://shop.example/x), *now*', 'see (https://shop.example/x), now'],
    ['a_b_c@shop.example _yes_', 'a_b_c@shop.example yes'],
    ['one\n**two**\n\nthree', 'one\ntwo\n\nthree'],
    ['** not ** and *not\nthis*', '** not ** and *not\nthis*']
  ])('of %j', (written, read) => expect(plain(written)).toBe(read))
})
