/** The people, the teams and the settings around the chats. */
import type { AgentOut, Counts, DeskOut, MeOut, OverviewOut, PresenceIn, TeamOut } from '#shared/wire.gen'
import { SvelteMap } from 'svelte/reactivity'
import type { Permission } from '../rules/allowed'
import { problemOf } from './problem'
import type { Server } from './server'

export class Desk {
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  settings = $state.raw<DeskOut>()!
  teams = $state.raw<TeamOut[]>([])
  /** Chats waiting that no team has. */
  teamless = $state(0)
  readonly agents = new SvelteMap<number, AgentOut>()
  readonly myId: number
  /** The same answer counts what others keep: promises, mentions. */
  onOverview: (overview: OverviewOut) => void = () => undefined
  readonly #permissions: ReadonlySet<string>

  constructor(
    me: MeOut,
    private readonly server: Server
  ) {
    this.myId = me.agent.id
    this.settings = me.desk
    this.#permissions = new Set(me.permissions)
    this.agents.set(me.agent.id, me.agent)
  }

  get me(): AgentOut {
    return this.agents.get(this.myId)!
  }

  /** Everyone but oneself, by name. */
  get others(): AgentOut[] {
    return [...this.agents.values()].filter(each => each.id !== this.myId).sort((a, b) => a.name.localeCompare(b.name))
  }

  can = (permission: Permission): boolean => this.#permissions.has(permission)

  async load(): Promise<void> {
    if (this.state === 'failed') this.state = 'loading'
    try {
      const overview = await this.server.overview()
      const { desk, teams, agents, queue } = overview
      this.onOverview(overview)
      this.hearSettings(desk)
      this.teams = teams
      this.teamless = Math.max(0, queue - teams.reduce((sum, team) => sum + team.waiting, 0))
      for (const agent of agents) this.agents.set(agent.id, agent)
      this.state = 'ready'
    } catch (thrown) {
      problemOf(thrown)
      if (this.state === 'loading') this.state = 'failed'
    }
  }

  async setPresence(body: PresenceIn): Promise<void> {
    this.hearPresence(await this.server.setPresence(body))
  }

  async setAutoAssign(on: boolean): Promise<void> {
    this.hearSettings(await this.server.setDesk({ auto_assign: on }))
  }

  hearPresence = (agent: AgentOut): void => {
    const before = this.agents.get(agent.id)
    this.agents.set(agent.id, agent)
    const came = Number(agent.status === 'online') - Number(before?.status === 'online')
    if (came === 0) return
    this.teams = this.teams.map(team =>
      agent.team_ids.includes(team.id) ? { ...team, online: Math.max(0, team.online + came) } : team
    )
  }

  hearCounts = ({ team_id, waiting }: Counts): void => {
    if (team_id === null) this.teamless = waiting
    else this.teams = this.teams.map(team => (team.id === team_id ? { ...team, waiting } : team))
  }

  /** News and answers overtake one another: what was changed last holds. */
  hearSettings = (settings: DeskOut): void => {
    if (settings.updated_at >= this.settings.updated_at) this.settings = settings
  }
}
