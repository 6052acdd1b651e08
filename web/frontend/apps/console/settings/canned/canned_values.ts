/** What the form of a canned message holds, what can be seen to be wrong with it, and whom a preview greets. */
import type { CannedBody, CannedOut } from '#shared/wire.gen'
import { locale, t } from '../words'

export interface CannedValues {
  shortcut: string
  title: string
  body: string
  scope: CannedOut['scope']
  team_id: number | null
  attachment_ids: number[]
}

export const blank = (scope: CannedOut['scope']): CannedValues => ({ shortcut: '', title: '', body: '', scope, team_id: null, attachment_ids: [] })

export const valuesOf = ({ shortcut, title, body, scope, team, attachments }: CannedOut): CannedValues => ({
  shortcut, title, body, scope, team_id: team?.id ?? null, attachment_ids: attachments.map(each => each.id)
})

export const bodyOf = (values: CannedValues): CannedBody => ({
  ...values, shortcut: values.shortcut.trim(), title: values.title.trim(), body: values.body.trim(), team_id: values.scope === 'team' ? values.team_id : null
})

export const SHORTCUT = /^[a-z0-9][a-z0-9_-]{0,31}$/

/** What stands between double braces and is no variable, each once. */
export function unknownVariables(body: string, variables: readonly string[]): string[] {
  const found = [...body.matchAll(/\{\{([\s\S]*?)\}\}/g)].map(each => each[1]!.trim())
  return [...new Set(found)].filter(name => !variables.includes(name))
}

export function check(values: CannedValues, variables: readonly string[]) {
  const unknown = unknownVariables(values.body, variables)
  return {
    ...(values.title.trim() === '' ? { title: t('required') } : {}),
    ...(SHORTCUT.test(values.shortcut.trim()) ? {} : { shortcut: t('canned.shortcut_wrong') }),
    ...(values.body.trim() === '' ? { body: t('required') } : unknown.length > 0 ? { body: t('canned.unknown', { names: unknown.map(name => `{{${name}}}`).join(', ') }) } : {}),
    ...(values.scope === 'team' && values.team_id === null ? { team_id: t('canned.team_missing') } : {})
  }
}

/** A customer of nobody's, for the preview. */
export function sampleOf(agentName: string, deskName: string, teamName: string, now: number): Record<string, string> {
  const date = (offset: number) => new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(now + offset * 86_400_000)
  return {
    'customer.name': 'Adaeze Okonkwo',
    'customer.first_name': 'Adaeze',
    'customer.email': 'adaeze@mail.example',
    'agent.name': agentName,
    'agent.first_name': agentName.split(/\s+/)[0]!,
    'chat.id': '10482',
    'chat.team': teamName,
    'desk.name': deskName,
    'date.today': date(0),
    'date.tomorrow': date(1),
    'date.time': new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(now)
  }
}
