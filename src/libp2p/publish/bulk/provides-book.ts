import { TypedEventEmitter } from 'main-event'
import { placesOf, providerKeys } from './keys-of.ts'
import type { PublishedKeys } from '../../../persistence/published-keys.ts'
import type { PublishedKey } from '../../../persistence/published/published-key.ts'
import type { BulkRunner, BulkStatistics } from './bulk-runner.ts'
import type { Reprovider } from './reprovider.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'

/** How the publishing of a node stands */
export interface ProvidesState extends BulkStatistics {
  /** Keys that this node publishes */
  keys: number
  /** Keys of these that are still to be stored for the first time, or again after a failure */
  waiting: number
  /** Regions that are due to be sent again */
  due: number
  /** Whether the sending keeps up with the schedule */
  keepsUp: boolean
}

/**
 * What `dht.provides` tells its listeners
 */
export interface ProvidesEvents {
  /** The queue of what is due has grown for half an hour: the node can't send as much as it publishes */
  'falling-behind': CustomEvent<undefined>
  /** It keeps up again */
  'caught-up': CustomEvent<undefined>
}

export interface ProvidesBookInit {
  keys: PublishedKeys
  runner: Pick<BulkRunner, 'statistics'>
  reprovider: Pick<Reprovider, 'due' | 'keepsUp'>
  /** Whether the DHT runs: only then the database is open */
  isStarted: () => boolean
}

/**
 * What this node publishes in bulk, for its user: `dht.provides`
 */
export class ProvidesBook extends TypedEventEmitter<ProvidesEvents> {
  readonly #init: ProvidesBookInit

  constructor (init: ProvidesBookInit) {
    super()
    this.#init = init
  }

  /**
   * Add CIDs, to be provided with the next round, and again in each cycle. `dht.provideMany` does the same and sends them now.
   *
   * @returns How many of them were new
   * @throws {PublishStoreError} The database of keys can't be used
   */
  async add (cids: AsyncIterable<CID> | Iterable<CID>, options: AbortOptions = {}): Promise<number> {
    const keys = await this.#open(options)

    return (await keys.add(providerKeys(cids), options)).added
  }

  /**
   * Publish CIDs, or values by their keys, no longer. What peers hold expires there.
   *
   * @throws {PublishStoreError} The database of keys can't be used
   */
  async remove (keys: AsyncIterable<CID | Uint8Array> | Iterable<CID | Uint8Array>, options: AbortOptions = {}): Promise<void> {
    const published = await this.#open(options)
    await published.remove(placesOf(keys), options)
  }

  /**
   * All keys that this node publishes, in the order of their kad ids
   *
   * @throws {PublishStoreError} The database of keys can't be used
   */
  async * list (options: AbortOptions = {}): AsyncGenerator<PublishedKey> {
    const keys = await this.#open(options)
    yield * keys.list(options)
  }

  /**
   * How the publishing stands
   *
   * @throws {PublishStoreError} The database of keys can't be used
   */
  async state (options: AbortOptions = {}): Promise<ProvidesState> {
    const { runner, reprovider } = this.#init
    const keys = await this.#open(options)

    return { ...runner.statistics, keys: keys.size, waiting: keys.queued, due: reprovider.due, keepsUp: reprovider.keepsUp }
  }

  async #open (options: AbortOptions): Promise<PublishedKeys> {
    const { keys, isStarted } = this.#init

    if (!isStarted()) {
      throw new Error('The DHT is not started')
    }

    await keys.open(options)

    return keys
  }
}
