/** The roles, from the narrowest to the widest. */
import type { AgentBody } from '#shared/wire.gen'

export type Role = AgentBody['role']
export const ROLES: readonly Role[] = ['agent', 'supervisor', 'analyst', 'admin']
