/** What is wrong with the form before a chat, or in place of one: keys of sentences, none when all is well. */
import { MESSAGE_LIMIT } from './limits'

export interface Faults {
  name?: 'form.name_missing'
  email?: 'form.email_wrong' | 'form.email_missing'
  message?: 'form.message_missing' | 'form.message_long'
}

/** Enough to catch slips of the hand; whether an address exists only a letter to it can tell. */
const EMAIL = /^(?!.*\.\.)[^\s@,;<>()"\\]+@[^\s@,;<>()"\\]+\.[^\s@,;<>()"\\]{2,}$/

export function emailFault(email: string): Faults {
  return email.trim() && !EMAIL.test(email.trim()) ? { email: 'form.email_wrong' } : {}
}

/** @param byEmail the answer will be a letter, so it needs an address */
export function faultsIn({ name, email, message }: { name: string; email: string; message: string }, byEmail = false): Faults {
  const faults = byEmail && !email.trim() ? { email: 'form.email_missing' as const } : emailFault(email)
  if (!name.trim()) faults.name = 'form.name_missing'
  if (!message.trim()) faults.message = 'form.message_missing'
  else if (message.trim().length > MESSAGE_LIMIT) faults.message = 'form.message_long'
  return faults
}
