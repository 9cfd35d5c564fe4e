import { compare } from 'uint8arrays/compare'
import { BULK_LIMITS } from '../../../../src/parameters/bulk-limits.ts'
import { validateBulkParameters } from '../../../../src/parameters/bulk-parameters.ts'
import { BulkPut } from '../../../../src/publish/bulk-put.ts'
import { regionLength } from '../../../../src/publish/region-length.ts'
import { Region } from '../../../../src/publish/region.ts'
import { noTraffic } from './bulk-key.ts'
import type { BulkPutCommand, BulkPutFact } from '../../../../src/publish/bulk-put.ts'
import type { NetworkEstimate } from '../../../../src/keyspace/network-size.ts'
import type { Client, ClientComponents } from '../client.ts'
import type { BulkHandlers, BulkKey } from './bulk-key.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** The node that puts the keys */
export interface BulkPutNode extends Pick<Client, 'closestPeers'> {
  readonly lookups: { networkSize: (now: number) => NetworkEstimate | undefined }
  /** Send records to a peer, and learn by one question whether it has read them */
  storeMany (peer: number, handlers: { onConnected: () => void, onEnd: (stored: boolean) => void }): void
}

export interface BulkPutRunInit {
  components: Pick<ClientComponents, 'world' | 'clock' | 'kadId' | 'k' | 'random'>
  node: BulkPutNode
  keys: readonly BulkKey[]
  handlers: BulkHandlers
}

type Command<Type extends BulkPutCommand<number, BulkKey>['type']> = BulkPutCommand<number, BulkKey> & { type: Type }

/**
 * A bulk put in simulated time. It does what a live node does with a database and streams.
 */
export class BulkPutRun {
  readonly traffic = noTraffic()

  readonly #init: BulkPutRunInit
  /** In the order of their kad ids, as a database has them */
  readonly #keys: BulkKey[]
  readonly #waiting: Set<BulkKey>
  /** What is left to be read of each region under way */
  readonly #reading = new Map<string, BulkKey[]>()
  #put: BulkPut<number, BulkKey>
  #regionLength = 0
  #last: Region | undefined
  /** Keys before this one have had their region in this pass */
  #next = 0
  #passes = 0

  constructor (init: BulkPutRunInit) {
    this.#init = init
    this.#keys = init.keys.toSorted((a, b) => compare(a.kadId, b.kadId))
    this.#waiting = new Set(this.#keys)
    this.#put = this.#bulkPut()
  }

  start (): void {
    const { node, components: { clock, k, kadId, random } } = this.#init
    const size = node.lookups.networkSize(clock.now)

    if (size === undefined && this.traffic.lookups < BULK_LIMITS.firstLookups) {
      this.#lookUp(kadId.map(() => Math.floor(random() * 256)), () => { this.start() })
      return
    }

    this.#regionLength = size === undefined ? 0 : regionLength(size.servers, k)
    this.#pass()
  }

  #bulkPut (): BulkPut<number, BulkKey> {
    const { k, random } = this.#init.components

    return new BulkPut({ ...validateBulkParameters({}, k), k, random })
  }

  #pass (): void {
    this.#passes++
    this.#put = this.#bulkPut()
    this.#last = undefined
    this.#next = 0
    this.#reading.clear()
    this.#advance({ type: 'started' })
  }

  #advance (fact: BulkPutFact<number, BulkKey>): void {
    for (const command of this.#put.advance(fact)) {
      this.#perform(command)
    }
  }

  #perform (command: BulkPutCommand<number, BulkKey>): void {
    const { clock } = this.#init.components

    switch (command.type) {
      case 'nextRegion':
        clock.schedule(0, () => { this.#nextRegion() })
        break
      case 'lookup': {
        const { region, target } = command
        this.#lookUp(target, closest => { this.#advance({ type: 'lookedUp', region, target, closest }) })
        break
      }
      case 'pull':
        clock.schedule(0, () => { this.#pull(command) })
        break
      case 'send':
        this.#send(command)
        break
      case 'done':
        this.#done(command)
        break
      case 'regionDone':
      case 'regionFailed':
        this.#reading.delete(`${command.region}`)
        break
      case 'finish':
        this.#finish(command)
        break
      default:
        command satisfies never
    }
  }

  #nextRegion (): void {
    while (this.#next < this.#keys.length) {
      const key = this.#keys[this.#next++]

      if (this.#waiting.has(key) && this.#last?.contains(key.kadId) !== true) {
        const region = this.#last = new Region(key.kadId, this.#regionLength)
        this.#advance({ type: 'region', region })
        return
      }
    }

    this.#advance({ type: 'noMoreRegions' })
  }

  #lookUp (target: KadId, done: (closest: Array<{ peer: number, kadId: KadId }>) => void): void {
    const { node, components: { world: { population } } } = this.#init

    this.traffic.lookups++

    const operation = node.closestPeers(target, ({ closest }) => {
      this.traffic.lookupRequests += operation.queries
      done(closest.map(peer => ({ peer, kadId: population.kadId(peer) })))
    })
  }

  #pull ({ region }: Command<'pull'>): void {
    const left = this.#reading.get(`${region}`) ?? this.#keys.filter(key => region.contains(key.kadId) && this.#waiting.has(key))
    const keys = left.splice(0, BULK_LIMITS.keysAtOnce)

    this.#reading.set(`${region}`, left)
    this.#advance({ type: 'keys', region, keys, isLast: left.length === 0 })
  }

  #send ({ region, peer, keys }: Command<'send'>): void {
    this.traffic.sends++
    this.#init.node.storeMany(peer, {
      onConnected: () => {
        this.traffic.records += keys.length
        this.traffic.questions++
      },
      onEnd: stored => {
        if (stored) {
          keys.forEach(({ holders }) => { holders.push(peer) })
          this.#advance({ type: 'sent', region, peer, stored: keys, refused: [] })
        } else {
          this.traffic.failedSends++
          this.#advance({ type: 'failed', region, peer })
        }
      }
    })
  }

  #done ({ key, result }: Command<'done'>): void {
    const stored = result === 'stored'

    if (stored) {
      this.#waiting.delete(key)
    }

    this.#init.handlers.onKey(key, stored)
  }

  #finish ({ sums: { stored } }: Command<'finish'>): void {
    if (stored > 0 && this.#waiting.size > 0 && this.#passes < BULK_LIMITS.passes) {
      this.#pass()
    } else {
      this.#init.handlers.onEnd()
    }
  }
}
