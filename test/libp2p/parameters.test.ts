import { afterEach, expect, test, vi } from 'vitest'
import { ScoredClient } from '../../benchmarks/simulator/clients/scored/scored-client.ts'
import { KAD_DHT_DEFAULTS } from '../../src/parameters/kad-dht-defaults.ts'
import { LOOKUP_RULES } from '../../src/parameters/lookup-parameters.ts'
import { SCORE_RULES } from '../../src/parameters/score-parameters.ts'
import { SCORING_RULES } from '../../src/parameters/scoring-parameters.ts'
import { UPKEEP_RULES } from '../../src/parameters/upkeep-parameters.ts'
import { SmallNetwork } from '../benchmarks/simulator/clients/small-network.ts'
import { quietNode, scored } from './test-node.ts'
import type { Lookups } from '../../src/lookup/lookups.ts'
import type { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { Upkeep } from '../../src/upkeep/upkeep.ts'

/** The core of a node, in whatever world */
interface Core<P extends string | number> {
  table: ScoredRoutingTable<P>
  lookups: Lookups<P>
  upkeep: Upkeep<P>
}

/** What the live node, which does not show them, has made */
const made = vi.hoisted(() => ({ lookups: [] as unknown[], upkeep: [] as unknown[] }))

vi.mock(import('../../src/lookup/lookups.ts'), async importOriginal => {
  const { Lookups } = await importOriginal()

  return {
    Lookups: class <P extends string | number> extends Lookups<P> {
      constructor (init: ConstructorParameters<typeof Lookups<P>>[0]) {
        super(init)
        made.lookups.push(this)
      }
    }
  }
})

vi.mock(import('../../src/upkeep/upkeep.ts'), async importOriginal => {
  const { Upkeep } = await importOriginal()

  return {
    Upkeep: class <P extends string | number> extends Upkeep<P> {
      constructor (init: ConstructorParameters<typeof Upkeep<P>>[0]) {
        super(init)
        made.upkeep.push(this)
      }
    }
  }
})

const restore: Array<() => void> = []

afterEach(() => {
  restore.splice(0).forEach(undo => { undo() })
})

/** What goes by another number too */
const FOLLOWS: Record<string, string | undefined> = { expectedWaitMs: 'hardDeadlineMs' }

test.each<[string, object, string, number, string]>([
  ['a cap of the score\'s weight', SCORE_RULES.weightCap, 'default', 7, 'weight'],
  ['the latency of a stranger', SCORE_RULES.initialLatencyMs, 'default', 4321, 'expectedWaitMs'],
  ['how many peers a lookup asks at a time', LOOKUP_RULES.alpha, 'default', 3, 'asked'],
  ['how often it explores', SCORING_RULES.epsilon, 'default', 1, 'explored'],
  ['the shortest time-out of a request', KAD_DHT_DEFAULTS, 'minTimeoutMs', 56_789, 'hardDeadlineMs'],
  ['when the table is refreshed first', UPKEEP_RULES.firstRefreshMs, 'default', 12_345, 'refreshedAtMs'],
  ['how many named peers are introduced at once', UPKEEP_RULES.introductionsAtOnce, 'default', 2, 'introduced'],
  ['the pause between two rounds', SCORING_RULES.flushIntervalMs, 'default', 7_654, 'roundAtMs']
])('changing %s in src/parameters changes the live node and the simulated one', async (_, rule, name, value, figure) => {
  const before = await figures()
  change(rule, name, value)
  const after = await figures()

  expect(before.live).toEqual(before.simulated)
  expect(after.live).toEqual(after.simulated)
  expect(after.live[figure]).not.toEqual(before.live[figure])

  for (const other of Object.keys(after.live).filter(other => other !== figure && other !== FOLLOWS[figure])) {
    expect(after.live[other], other).toBe(before.live[other])
  }
})

function change (rules: object, name: string, value: number): void {
  const before: number = Reflect.get(rules, name)

  Reflect.set(rules, name, value)
  restore.push(() => { Reflect.set(rules, name, before) })
}

async function figures (): Promise<{ live: Record<string, number>, simulated: Record<string, number> }> {
  const { dht } = await quietNode(scored())
  const live = { table: (dht as unknown as ScoredKadDHT).scoredRoutingTable, lookups: made.lookups.at(-1) as Lookups<string>, upkeep: made.upkeep.at(-1) as Upkeep<string> }
  const simulated = new ScoredClient(new SmallNetwork({ k: 20 }).components)

  return { live: figuresOf(live, String), simulated: figuresOf(simulated, Number) }
}

/** What the core of a node makes of its numbers */
function figuresOf<P extends string | number> ({ table, lookups, upkeep }: Core<P>, handleOf: (n: number) => P): Record<string, number> {
  const entryOf = (n: number): { peer: P, kadId: Uint8Array } => ({ peer: handleOf(n), kadId: new Uint8Array(32).fill(n) })
  const start = Array.from({ length: 40 }, (_, n) => lookups.factsOf({ ...entryOf(n), connected: false, relayed: false, referrer: undefined }, 0))
  const run = lookups.lookup({ target: new Uint8Array(32), start, endsEarly: false, maxConnections: 300, onEnd: () => {} }, 0)
  const asked = run?.advance({ type: 'started', now: 0 }).flatMap(command => command.type === 'ask' ? [command.query] : []) ?? []
  const timers = new Map(upkeep.advance({ type: 'started', now: 0 }).map(command => command.type === 'setTimer' ? [command.timer, command.atMs] : ['', 0]))
  const introduced = Array.from({ length: 10 }, (_, n) => upkeep.advance({ type: 'named', entry: entryOf(50 + n), connected: false, now: 0 })).flat()

  for (let i = 0; i < 20; i++) {
    table.record(entryOf(1), { type: 'responded', latencyMs: 100, setupMs: 0, dialled: false }, i)
  }

  return {
    weight: table.scores.get(handleOf(1))?.weight ?? NaN,
    expectedWaitMs: start[0].expectedWaitMs,
    hardDeadlineMs: start[0].hardDeadlineMs,
    asked: asked.length,
    // one in five at random does so less often than always
    explored: Number(asked.every(({ reason }) => reason === 'explore')),
    refreshedAtMs: timers.get('refresh') ?? NaN,
    roundAtMs: timers.get('round') ?? NaN,
    introduced: introduced.filter(({ type }) => type === 'introduce').length
  }
}
