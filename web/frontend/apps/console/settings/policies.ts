/** Who gets the next chat, in the order they are offered. */
export const POLICIES = ['least_loaded', 'round_robin'] as const
export type Policy = (typeof POLICIES)[number]
