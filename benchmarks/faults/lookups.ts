import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultClient } from './fault-client.ts'

/** Where nothing can be reached, lookups end at once: whoever tries again waits a little */
const PAUSE_MS = 100

/** How a lookup ended */
export interface LookupResult {
  key: Uint8Array
  /** Printable ids of the peers that it found */
  found: string[]
  /** When it began, ms since the epoch by a clock that nobody sets, the same in all processes */
  startedAt: number
  timeMs: number
  error?: Error
}

export interface LookupsOptions {
  /** Decides the keys */
  name?: string
  /** For each lookup */
  signal?: () => AbortSignal
  onResult?: (result: LookupResult) => void
}

/**
 * Look up so many keys, so many at a time
 */
export async function lookups (client: FaultClient, count: number, inFlight: number, { name = 'key', signal, onResult }: LookupsOptions = {}): Promise<LookupResult[]> {
  const results: LookupResult[] = []
  let next = 0

  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, async () => {
    while (next < count) {
      const index = next++

      results[index] = await lookUp(client, keyOf(name, index), signal?.())
      onResult?.(results[index])
    }
  }))

  return results
}

/**
 * Keep so many lookups in flight until told to stop
 *
 * @returns Stops: no further lookup begins. Resolves when the last one has ended.
 */
export function keepLookingUp (client: FaultClient, inFlight: number, options: LookupsOptions = {}): () => Promise<LookupResult[]> {
  const results: LookupResult[] = []
  const stopped = new AbortController()
  const all = Promise.all(Array.from({ length: inFlight }, async (_, slot) => {
    for (let index = 0; !stopped.signal.aborted; index++) {
      const result = await lookUp(client, keyOf(`${options.name ?? 'in flight'} ${slot}`, index), options.signal?.())
      results.push(result)
      options.onResult?.(result)

      if (result.found.length === 0) {
        await delay(PAUSE_MS)
      }
    }
  }))

  return async () => {
    stopped.abort()
    await all

    return results
  }
}

/**
 * One lookup; its failure is a result too
 */
async function lookUp (client: FaultClient, key: Uint8Array, signal?: AbortSignal): Promise<LookupResult> {
  const startedAt = monotonicNow()
  const found: string[] = []

  try {
    for await (const event of client.services.dht.getClosestPeers(key, { signal })) {
      if (event.name === 'FINAL_PEER') {
        found.push(event.peer.id.toString())
      }
    }

    return { key, found, startedAt, timeMs: monotonicNow() - startedAt }
  } catch (error) {
    return { key, found, startedAt, timeMs: monotonicNow() - startedAt, error }
  }
}

/**
 * A key that only depends on what is given
 */
function keyOf (name: string, index: number): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(`${name}/${index}`).digest())
}

/**
 * The time, ms since the epoch by a clock that nobody sets: processes agree on it
 */
export function monotonicNow (): number {
  return performance.timeOrigin + performance.now()
}
