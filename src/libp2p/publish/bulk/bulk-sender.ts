import { Libp2pRecord } from '@libp2p/record'
import { dhtMessageCodec } from '../../../kad-dht/dht-message.ts'
import { isHolder, isSHA256, ProviderSender, ValueSender } from '../record-sender.ts'
import type { DHTMessage, DHTMessagePeer } from '../../../kad-dht/dht-message.ts'
import type { NewKey } from '../../../persistence/published/published-key.ts'
import type { ProviderSenderInit, StoreResult } from '../record-sender.ts'
import type { PeerId } from '@libp2p/interface'

type Bytes = Uint8Array<ArrayBuffer>

/** The path of what belongs to no lookup */
const NO_PATH = { index: -1, queued: 0, running: 0, total: 0 }

/** The records that are written to a stream before its peer has to answer, bytes: less than a stream takes without waiting */
const MAX_BYTES = 64 * 1024

/** How many records are sent to a peer at a time, each on a stream of its own */
const AT_ONCE = 8

export interface BulkSenderInit extends ProviderSenderInit {
  /** This node as a provider, with its addresses of now */
  self: () => DHTMessagePeer
  onStore: (result: StoreResult) => void
}

/** What became of the keys that were sent to a peer */
export interface SentKeys<T> {
  stored: T[]
  refused: T[]
}

/**
 * Stores many records with one peer. Provider records share a stream, and one question behind them
 * confirms that all were read.
 */
export class BulkSender {
  readonly #init: BulkSenderInit

  constructor (init: BulkSenderInit) {
    this.#init = init
  }

  /**
   * Store records with a peer. It stops when the peer does not answer to any of those that were sent last.
   *
   * @returns What it has stored and refused; the rest is not known to be stored
   */
  async send<T extends NewKey> (peer: PeerId, keys: T[], signal: AbortSignal): Promise<SentKeys<T>> {
    const providers = [this.#init.self()]
    const senders = Map.groupBy(keys, key => key.kind === 'value' ? 'value' : isSHA256(key.key) ? 'together' : 'alone')
    const sent: SentKeys<T> = { stored: [], refused: [] }

    for (const batch of batchesOf(senders.get('together') ?? [], providers)) {
      const [last, ...others] = batch.map(({ key }) => providerMessage(key, providers)).reverse()
      const result = await new ProviderSender(this.#init, last).send(peer, { path: NO_PATH, signal }, () => {}, others)

      if (!this.#count(batch.map(key => ({ key, result })), sent)) {
        return sent
      }
    }

    for (const batch of chunksOf([...senders.get('alone') ?? [], ...senders.get('value') ?? []], AT_ONCE)) {
      const results = batch.map(async key => ({ key, result: await this.#sendOne(peer, key, providers, signal) }))

      if (!this.#count(await Promise.all(results), sent)) {
        return sent
      }
    }

    return sent
  }

  /** @returns Whether the peer answered to any */
  #count<T> (results: Array<{ key: T, result: StoreResult }>, { stored, refused }: SentKeys<T>): boolean {
    // a peer that refuses something is there
    const isAlive = results.some(({ result }) => result !== 'failed')

    for (const { key, result } of results) {
      this.#init.onStore(result)

      if (isHolder(result)) {
        stored.push(key)
      } else if (isAlive) {
        refused.push(key)
      }
    }

    return isAlive
  }

  async #sendOne (peer: PeerId, { kind, key, value = new Uint8Array(0) }: NewKey, providers: DHTMessagePeer[], signal: AbortSignal): Promise<StoreResult> {
    const { network } = this.#init

    if (kind === 'provider') {
      return new ProviderSender(this.#init, providerMessage(key, providers)).send(peer, { path: NO_PATH, signal }, () => {})
    }

    const record = new Libp2pRecord(key, value, new Date()).serialize() as Bytes

    return new ValueSender(network, { type: 'PUT_VALUE', key: key as Bytes, record }, value).send(peer, { path: NO_PATH, signal }, () => {})
  }
}

function providerMessage (key: Uint8Array, providers: DHTMessagePeer[]): Partial<DHTMessage> & Pick<DHTMessage, 'providers'> {
  return { type: 'ADD_PROVIDER', key: key as Bytes, providers }
}

/** As many provider records as a stream takes without waiting */
function batchesOf<T extends NewKey> (keys: T[], providers: DHTMessagePeer[]): T[][] {
  const [first] = keys

  return first === undefined ? [] : chunksOf(keys, Math.max(1, Math.floor(MAX_BYTES / dhtMessageCodec.encode(providerMessage(first.key, providers)).byteLength)))
}

function chunksOf<T> (items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))
}
