import { kadIdOf } from '../peers/kad-id-of.ts'
import { KAD_DHT_DEFAULTS } from '../../parameters/kad-dht-defaults.ts'
import { Put } from '../../publish/put.ts'
import { LivePut } from './live-put.ts'
import { PutsInBackground } from './puts-in-background.ts'
import { ProviderSender, ValueSender } from './record-sender.ts'
import type { DHTMessage } from '../../kad-dht/dht-message.ts'
import type { Lookups } from '../../lookup/lookups.ts'
import type { PublishParameters } from '../../parameters/publish-parameters.ts'
import type { SingleRequests } from '../lookup/single-requests.ts'
import type { LivePutInit } from './live-put.ts'
import type { RecordSender } from './record-sender.ts'
import type { RoutingOptions } from '@libp2p/interface'
import type { QueryEvent } from '@libp2p/kad-dht'

export interface PublisherInit extends Pick<LivePutInit, 'queryManager' | 'network' | 'contexts' | 'self' | 'onStore' | 'now' | 'log'> {
  lookups: Pick<Lookups<string>, 'networkSize'>
  requests: SingleRequests
  parameters: PublishParameters
  k: number
  /** How long a request may take, ms */
  timeoutMs: number
}

/**
 * Stores records with the k closest peers to their keys, while the walk to these goes on
 */
export class Publisher {
  readonly #init: PublisherInit
  readonly #background = new PutsInBackground()

  constructor (init: PublisherInit) {
    this.#init = init
  }

  /**
   * Store a provider record
   *
   * @param message - ADD_PROVIDER, with its key
   * @throws {AbortError} The signal was aborted
   */
  async * provide (message: Partial<DHTMessage> & Pick<DHTMessage, 'providers'>, key: Uint8Array, options: RoutingOptions): AsyncGenerator<QueryEvent> {
    yield * this.#publish(key, new ProviderSender(this.#init, message), options)
  }

  /**
   * Store a value
   *
   * @param message - PUT_VALUE, with its key and the record
   * @throws {AbortError} The signal was aborted
   */
  async * put (message: Partial<DHTMessage>, key: Uint8Array, value: Uint8Array, options: RoutingOptions): AsyncGenerator<QueryEvent> {
    yield * this.#publish(key, new ValueSender(this.#init.network, message, value), options)
  }

  async * #publish (key: Uint8Array, sender: RecordSender, options: RoutingOptions): AsyncGenerator<QueryEvent> {
    const { lookups, parameters, k, now } = this.#init
    const put = new Put<string>({ target: await kadIdOf(key), k, returnAfter: parameters.returnAfter, size: lookups.networkSize(now()) })

    yield * new LivePut({ ...this.#init, key, put, sender, options, background: this.#background, timeoutMs: KAD_DHT_DEFAULTS.queryTimeoutMs }).run()
  }
}
