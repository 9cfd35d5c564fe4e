import { setTimeout as wait } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { cidOfProviderKey } from './provider-key.ts'
import type { Coordination } from './coordination.ts'
import type { UnifiedNode } from './create-node.ts'

/** What the provider of any implementation puts begins with this */
const GREETING = 'hello from'

/** How long a dial of the bootstrap node may take, ms */
const DIAL_MS = 30_000

/** How long one operation may take, ms */
const OPERATION_MS = 10_000

/** How often the querier asks, and how long it waits in between, ms */
const ATTEMPTS = 5
const PAUSE_MS = 500

export interface RoleInit {
  node: UnifiedNode
  coordination: Coordination
  testKey: string
  /** Told of each step */
  log: (text: string) => void
}

/**
 * Tell the others where the DHT begins
 */
export async function bootstrap ({ node, coordination, log }: RoleInit): Promise<void> {
  const [address] = node.getMultiaddrs()
  await coordination.tell('bootstrap_addr', address.toString())
  log(`bootstrap at ${address}`)
}

/**
 * Store a provider record and a value in the DHT, then tell the querier
 */
export async function provider ({ node, coordination, testKey, log }: RoleInit): Promise<void> {
  await join(node, coordination)

  let holders = 0

  for await (const event of node.services.dht.provide(cidOfProviderKey(providerKey(testKey)), within())) {
    holders += event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER' ? 1 : 0
  }

  log(`provided, ${holders} told`)
  holders = 0

  for await (const event of node.services.dht.put(valueKey(testKey), new TextEncoder().encode(`${GREETING} js client`), within())) {
    holders += event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE' ? 1 : 0
  }

  log(`put, ${holders} hold it`)
  await coordination.tell('provider_done', 'done')
}

/**
 * Find what the provider has stored
 *
 * @throws {Error} The provider or the value is not found, in spite of several attempts
 */
export async function querier ({ node, coordination, testKey, log }: RoleInit): Promise<void> {
  await coordination.told('provider_done')
  await join(node, coordination)

  const providers = await attempt('a provider', async () => findProviders(node, providerKey(testKey)))
  log(`found ${providers.join(', ')}`)
  const value = await attempt('the value', async () => findValue(node, valueKey(testKey)))
  log(`found the value: ${value}`)

  if (!value.includes(GREETING)) {
    throw new Error(`the value is ${value}, without ${GREETING}`)
  }
}

function providerKey (testKey: string): string {
  return `interop-test-key-${testKey}`
}

function valueKey (testKey: string): Uint8Array {
  return new TextEncoder().encode(`/example/data/${testKey}`)
}

function within (): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(OPERATION_MS) }
}

async function join (node: UnifiedNode, coordination: Coordination): Promise<void> {
  await node.dial(multiaddr(await coordination.told('bootstrap_addr')), { signal: AbortSignal.timeout(DIAL_MS) })
}

async function findProviders (node: UnifiedNode, key: string): Promise<string[] | undefined> {
  const found = new Set<string>()

  for await (const event of node.services.dht.findProviders(cidOfProviderKey(key), within())) {
    if (event.name === 'PROVIDER') {
      event.providers.forEach(({ id }) => { found.add(id.toString()) })
    }
  }

  return found.size === 0 ? undefined : [...found]
}

async function findValue (node: UnifiedNode, key: Uint8Array): Promise<string | undefined> {
  for await (const event of node.services.dht.get(key, within())) {
    if (event.name === 'VALUE') {
      return new TextDecoder().decode(event.value)
    }
  }

  return undefined
}

/** Other implementations may still be storing, so one attempt that finds nothing is no failure */
async function attempt<T> (what: string, find: () => Promise<T | undefined>): Promise<T> {
  let reason = ''

  for (let i = 0; i < ATTEMPTS; i++) {
    try {
      const found = await find()

      if (found !== undefined) {
        return found
      }
    } catch (err) {
      reason = `: ${err.message}`
    }

    await wait(PAUSE_MS)
  }

  throw new Error(`${what} was not found in ${ATTEMPTS} attempts${reason}`)
}
