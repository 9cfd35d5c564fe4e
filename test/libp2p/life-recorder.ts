import { isPeerId } from '@libp2p/interface'
import { vi } from 'vitest'
import { KadBuckets } from '../../src/kad-dht/kad-buckets.ts'
import { kadIdOf } from '../../src/libp2p/peers/kad-id-of.ts'
import { SingleRequests } from '../../src/libp2p/lookup/single-requests.ts'
import { LookupRun } from '../../src/lookup/lookup-run.ts'
import { Lookups } from '../../src/lookup/lookups.ts'
import { PeerRequest } from '../../src/lookup/peer-request.ts'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { ScoredRoutingTable } from '../../src/routing-table/scored-routing-table.ts'
import { Upkeep } from '../../src/upkeep/upkeep.ts'
import type { MockInstance } from 'vitest'

/** One call by which the world told the core something, or asked it, and what it said */
export interface Told {
  part: 'buckets' | 'table' | 'scores' | 'lookups' | 'run' | 'request' | 'upkeep'
  method: string
  /** Which lookup or request, of those that there can be many */
  id: number | undefined
  args: unknown[]
  result: unknown
}

const PARTS = [
  { part: 'buckets', type: KadBuckets, methods: ['added', 'removed'] },
  { part: 'table', type: ScoredRoutingTable, methods: ['restore', 'forget', 'leave', 'admit', 'candidates', 'named', 'best', 'why', 'replacements'] },
  { part: 'scores', type: PeerScores, methods: ['interrupted', 'connectionLost'] },
  { part: 'lookups', type: Lookups, methods: ['isReady', 'candidates', 'factsOf', 'lookup'] },
  { part: 'run', type: LookupRun, methods: ['advance', 'isNews'] },
  { part: 'request', type: PeerRequest, methods: ['advance'] },
  { part: 'upkeep', type: Upkeep, methods: ['advance'] }
] as const

/**
 * Records all that the world tells the core of a live node, from outside: the spies see each
 * call, and those that the core makes within itself are left out. One node at a time.
 */
export function recordLife (): { life: Told[], stop: () => void } {
  const life: Told[] = []
  const ids = new Map<object, number>()
  const idOf = (object: object): number => ids.get(object) ?? ids.set(object, ids.size).size - 1
  let depth = 0

  for (const { part, type, methods } of PARTS) {
    for (const method of methods) {
      const original: (...args: unknown[]) => unknown = Reflect.get(type.prototype, method)

      const spied: MockInstance<(...args: unknown[]) => unknown> = vi.spyOn(type.prototype as unknown as Record<string, (...args: unknown[]) => unknown>, method)

      spied.mockImplementation(function (this: object, ...args: unknown[]) {
        // that a lookup has ended is told to the upkeep while the lookup decides it
        const told = depth === 0 || part === 'upkeep' ? structuredClone(args.map(plain)) : undefined
        depth++

        try {
          const result = original.apply(this, args)

          if (told !== undefined) {
            life.push({ part, method, id: part === 'run' || part === 'request' ? idOf(this) : undefined, args: told, result: structuredClone(plain(result)) })
          }

          return result
        } finally {
          depth--
        }
      })
    }
  }

  const begin = SingleRequests.prototype.begin

  vi.spyOn(SingleRequests.prototype, 'begin').mockImplementation(async function (this: SingleRequests, id, startedAt) {
    const request = await begin.call(this, id, startedAt)
    const kadId = await kadIdOf(id.toMultihash().bytes)

    life.push({ part: 'request', method: 'begin', id: idOf(request), args: [{ peer: id.toString(), kadId }, startedAt], result: undefined })

    return request
  })

  /** What the core is told, without the functions by which it answers, and lookups by their number */
  function plain (value: unknown): unknown {
    if (value instanceof LookupRun) {
      return { run: idOf(value) }
    }

    if (isPeerId(value)) {
      return value.toString()
    }

    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value) || value instanceof Set) {
      return typeof value === 'function' ? undefined : value
    }

    return Array.isArray(value) ? value.map(plain) : Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
  }

  return { life, stop: () => { vi.restoreAllMocks() } }
}
