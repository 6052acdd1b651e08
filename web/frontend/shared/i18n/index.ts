/**
 * Words from a catalogue: `t('queue.waiting', { count: 3 })`.
 *
 * Keys are typed from the English catalogue, so a renamed sentence fails the type check wherever it is used. A sentence
 * with plural forms is an object of them, chosen by `count` with the locale's own rules.
 */

export type PluralForms = { readonly [rule in Intl.LDMLPluralRule]?: string } & { readonly other: string }
export type Catalogue = Readonly<Record<string, string | PluralForms>>
export type Values = Readonly<Record<string, string | number>>

export interface I18n<Key extends string> {
  readonly locale: string
  /** The sentence, with `{name}` replaced by `values.name`. Numbers are written the locale's way. */
  t(key: Key, values?: Values): string
  /** The sentence cut at its placeholders, for callers that put an element where a word stands. */
  parts(key: Key, values?: Values): SentencePart[]
  has(key: string): key is Key
}

export type SentencePart = { readonly text: string; readonly name?: string }

/**
 * @param english the source of keys, and the fallback for what a translation lacks
 * @param translation the same keys in the language of `locale`
 */
export function createI18n<C extends Catalogue>(
  english: C,
  locale = 'en',
  translation: Partial<Record<keyof C, string | PluralForms>> = {}
): I18n<keyof C & string> {
  type Key = keyof C & string
  const numbers = new Intl.NumberFormat(locale)
  const plurals = { translated: new Intl.PluralRules(locale), english: new Intl.PluralRules('en') }

  function sentence(key: Key, values: Values): string {
    const translated = translation[key]
    const found: string | PluralForms | undefined = translated ?? english[key]
    if (found === undefined) return key
    if (typeof found === 'string') return found
    const rules = translated === undefined ? plurals.english : plurals.translated
    return found[rules.select(Number(values['count'] ?? 0))] ?? found.other
  }

  function parts(key: Key, values: Values = {}): SentencePart[] {
    return sentence(key, values)
      .split(/(\{\w+\})/)
      .filter(piece => piece !== '')
      .map(piece => {
        const name = /^\{(\w+)\}$/.exec(piece)?.[1]
        const value = name === undefined ? undefined : values[name]
        if (name === undefined || value === undefined) return { text: piece }
        return { text: typeof value === 'number' ? numbers.format(value) : value, name }
      })
  }

  return {
    locale,
    parts,
    t: (key, values) => parts(key, values).map(part => part.text).join(''),
    has: (key): key is Key => Object.hasOwn(english, key)
  }
}
