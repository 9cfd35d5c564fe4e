import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPairFromSeed, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromString } from '@libp2p/peer-id'
import * as Digest from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { raceSignal } from 'race-signal'
import { concat } from 'uint8arrays/concat'
import { fromString } from 'uint8arrays/from-string'
import { forkModule } from '../processes/fork-module.ts'
import { seededRandom } from '../random/seeded-random.ts'
import { shuffle } from '../random/shuffle.ts'
import { reachNote } from './reach-note.ts'
import { recallOfUnion } from './recall-of-union.ts'
import type { PublicArmCommands } from './public-arm-process.ts'
import type { PublicArm, PublicOptions } from './public-options.ts'
import type { TimedOperation } from '../live/time-operation.ts'
import type { ComparisonHooks } from '../live/comparison.ts'
import type { ChildProcess } from '../processes/child-process.ts'
import type { Operation } from '../report/results.ts'
import type { Task } from '../live/run-operation.ts'

const ARM_PROCESS = new URL('./public-arm-process.ts', import.meta.url)

type Client = ChildProcess<PublicArmCommands>

/**
 * Compare arms on a network that is not ours. Each arm has a process of its own. All arms
 * get the same keys, one operation runs at a time, and the order of the arms is drawn for
 * each key. Another client, the scout, prepares the operations: it stores what
 * `find-providers` and `get-value` look for, and finds the peers that `find-peer` looks
 * for.
 *
 * @throws {Error} No bootstrap peer answered, or the scout could not prepare an operation
 */
export async function runPublic (options: PublicOptions, hooks: ComparisonHooks): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'public-benchmark-'))
  const run = new PublicRun(options, hooks, directory)

  try {
    await raceSignal(run.toEnd(), hooks.signal)
  } finally {
    await run.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

class PublicRun {
  readonly #options: PublicOptions
  readonly #hooks: ComparisonHooks
  readonly #directory: string
  readonly #processes: Client[] = []
  readonly #total: number
  #done = 0

  constructor (options: PublicOptions, hooks: ComparisonHooks, directory: string) {
    const { arms, operations, lookups, trainLookups } = options

    this.#options = options
    this.#hooks = hooks
    this.#directory = directory
    this.#total = arms.length * operations.length * lookups + (arms.includes('scored-warm') ? trainLookups : 0)
  }

  async toEnd (): Promise<void> {
    const { arms, operations, lookups } = this.#options

    this.#report(`looking for ${this.#options.bootstrap.length} bootstrap peers`)

    const scout = await this.#startClient('kad-dht', 'scout')
    const clients = new Map<PublicArm, Client>()

    for (const arm of arms) {
      this.#report(`starting ${arm}`)
      clients.set(arm, arm === 'scored-warm' ? await this.#startWarmClient(arm) : await this.#startClient(arm))
    }

    for (let index = 0; index < lookups; index++) {
      for (const operation of operations) {
        await this.#compare(operation, index, clients, scout)
      }
    }

    this.#hooks.onNote(reachNote(await Promise.all([...clients.values()].map(async client => client.call('reach', undefined)))))
  }

  async stop (): Promise<void> {
    await Promise.all(this.#processes.map(async process => process.kill()))
  }

  async #compare (operation: Operation, index: number, clients: Map<PublicArm, Client>, scout: Client): Promise<void> {
    const { seed, k, timeoutMs } = this.#options
    const order = shuffle([...clients], seededRandom(seed, 'order', operation, index))
    const shared = await this.#prepare(operation, index, scout)
    const results: Array<[PublicArm, TimedOperation]> = []

    for (const [arm, client] of order) {
      this.#report(`${operation} ${index + 1} of ${this.#options.lookups}: ${arm}`)

      const task = shared ?? await ownTask(operation, seed, index, arm)

      results.push([arm, await client.call('perform', { task, timeoutMs })])
      this.#done++
    }

    const recalls = operation === 'closest-peers' && shared !== undefined
      ? recallOfUnion(shared.key, results.map(([, { found }]) => found), k)
      : []

    for (const [i, [arm, { timeMs, failed, reason, traffic }]] of results.entries()) {
      this.#hooks.onSample({ arm, scenario: 'public', operation, index, timeMs, failed, reason, recall: recalls[i], ...traffic })
    }
  }

  /**
   * The task that all arms get, or undefined when each arm has a key of its own
   */
  async #prepare (operation: Operation, index: number, scout: Client): Promise<Task | undefined> {
    const { seed } = this.#options
    const key = multihashOf(seed, operation, index)

    switch (operation) {
      case 'closest-peers':
        return { operation, key, value: key, providers: [] }
      case 'find-peer': {
        const { found } = await this.#scoutDoes(scout, { operation: 'closest-peers', key, value: key, providers: [] })
        const [peer] = shuffle(found, seededRandom(seed, 'peer to find', index))

        return { operation, key: peerIdFromString(peer ?? '').toMultihash().bytes, value: key, providers: [] }
      }
      case 'find-providers':
        await this.#scoutDoes(scout, { operation: 'provide', key, value: key, providers: [] })

        return { operation, key, value: key, providers: [await scout.call('peerId', undefined)] }
      case 'get-value': {
        const task = await ownTask('put-value', seed, index, 'scout')

        await this.#scoutDoes(scout, task)

        return { ...task, operation }
      }
      case 'put-value':
      case 'provide':
      case 'provide-many':
      case 'put-many':
        return undefined
      default:
        return operation satisfies never
    }
  }

  async #scoutDoes (scout: Client, task: Task): Promise<TimedOperation> {
    this.#report(`preparing: ${task.operation}`)

    const result = await scout.call('perform', { task, timeoutMs: this.#options.timeoutMs })

    if (result.failed) {
      throw new Error(`${task.operation}, which was to prepare an operation, failed: ${result.reason}`)
    }

    return result
  }

  async #startClient (arm: PublicArm, name: string = arm): Promise<Client> {
    const { bootstrap, connectTimeoutMs } = this.#options

    // an abort ends all processes, and no new one may start after that
    this.#hooks.signal.throwIfAborted()

    const client: Client = forkModule(ARM_PROCESS, name)

    this.#processes.push(client)

    const { connected } = await client.call('start', { arm, options: this.#options, directory: join(this.#directory, name) })

    if (connected.length === 0) {
      throw new Error(`no bootstrap peer answered within ${connectTimeoutMs} ms: tried ${bootstrap.join(', ')}`)
    }

    return client
  }

  /**
   * Start a client that is warm. It has run before, with other keys, and is started
   * again.
   */
  async #startWarmClient (arm: PublicArm): Promise<Client> {
    const { seed, trainLookups, timeoutMs } = this.#options
    const trained = await this.#startClient(arm)

    for (let index = 0; index < trainLookups; index++) {
      const key = multihashOf(seed, 'training', index)

      this.#report(`training ${arm}`)
      await trained.call('perform', { task: { operation: 'closest-peers', key, value: key, providers: [] }, timeoutMs })
      this.#done++
    }

    await trained.call('stop', undefined)
    await trained.kill()

    return this.#startClient(arm)
  }

  #report (label: string): void {
    this.#hooks.onProgress(this.#done, this.#total, label)
  }
}

/**
 * A put with a key that no other arm uses. Values are public keys, because this is the
 * one kind of record that every DHT accepts from a stranger.
 */
async function ownTask (operation: Operation, seed: number, index: number, owner: string): Promise<Task> {
  const digest = digestOf(seed, operation, index, owner)

  if (operation === 'provide') {
    return { operation, key: Digest.create(sha256.code, digest).bytes, value: digest, providers: [] }
  }

  const { publicKey } = await generateKeyPairFromSeed('Ed25519', digest)

  return {
    operation,
    key: concat([fromString('/pk/'), publicKey.toMultihash().bytes]),
    value: publicKeyToProtobuf(publicKey),
    providers: []
  }
}

function multihashOf (...label: Array<string | number>): Uint8Array {
  return Digest.create(sha256.code, digestOf(...label)).bytes
}

function digestOf (...label: Array<string | number>): Uint8Array {
  return createHash('sha256').update(JSON.stringify(label)).digest()
}
