import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultClient } from './fault-client.ts'

/** Pause before another lookup, ms. When nothing can be reached, lookups end at once. */
const PAUSE_MS = 100

/** How a lookup ended */
export interface LookupResult {
  key: Uint8Array
  /** Printable ids of the peers that it found */
  found: string[]
  /** When it began, ms since the epoch, by a clock that is never set and is the same in all processes */
  startedAt: number
  timeMs: number
  error?: Error
}

export interface LookupsOptions {
  /** Decides which keys are looked up */
  name?: string
  /** Makes a signal for each lookup */
  signal?: () => AbortSignal
  onResult?: (result: LookupResult) => void
}

/**
 * Look up a number of keys, with a fixed number in flight
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
 * Keep a number of lookups in flight until told to stop
 *
 * @returns Stops: no new lookup begins. Its promise resolves when the last lookup has ended.
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
 * Carry out one lookup. A failure is a result too.
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
 * A key that depends on the arguments only
 */
function keyOf (name: string, index: number): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(`${name}/${index}`).digest())
}

/**
 * The time, ms since the epoch, by a clock that is never set. All processes agree on it.
 */
export function monotonicNow (): number {
  return performance.timeOrigin + performance.now()
}
