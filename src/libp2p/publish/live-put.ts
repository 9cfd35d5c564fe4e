import { AbortError, TimeoutError } from '@libp2p/interface'
import { EventTypes } from '@libp2p/kad-dht'
import { anySignal } from 'any-signal'
import { pushable } from 'it-pushable'
import { setMaxListeners } from 'main-event'
import { CustomProgressEvent } from 'progress-events'
import { PutDriver } from '../../publish/put-driver.ts'
import { patientTimeout } from '../lookup/patient-timeout.ts'
import { isHolder, providerStoredEvent } from './record-sender.ts'
import type { InternalNetwork, InternalQueryManager, QueryContext } from '../../kad-dht/internals.ts'
import type { Put } from '../../publish/put.ts'
import type { RequestContexts } from '../lookup/request-context.ts'
import type { PutsInBackground } from './puts-in-background.ts'
import type { RecordSender, StoreResult } from './record-sender.ts'
import type { Logger, PeerId, PeerInfo, RoutingOptions } from '@libp2p/interface'
import type { DisjointPath, FinalPeerEvent, QueryEvent } from '@libp2p/kad-dht'

/** When the caller has gone on, the rest of a put may take so long, ms */
const BACKGROUND_MS = 60_000

/** The path of what belongs to no path of the walk */
const NO_PATH: DisjointPath = { index: -1, queued: 0, running: 0, total: 0 }

export interface LivePutInit {
  /** What the record is stored under */
  key: Uint8Array
  put: Put<string>
  sender: RecordSender
  options: RoutingOptions
  /** How long a put takes at most whose caller gave no signal, ms */
  timeoutMs: number
  queryManager: InternalQueryManager
  network: InternalNetwork
  contexts: RequestContexts
  /** This node */
  self: PeerId
  /** The puts that go on without their caller */
  background: PutsInBackground
  /** Told of each store */
  onStore: (result: StoreResult) => void
  now: () => number
  log: Logger
}

/**
 * One put over real streams. It turns what happens into facts for the put machine, and the
 * commands of the machine into requests.
 */
export class LivePut {
  readonly #init: LivePutInit
  readonly #events = pushable<QueryEvent>({ objectMode: true })
  readonly #peers = new Map<string, PeerInfo>()
  readonly #driver: PutDriver<string>
  /** Gives up all that is under way */
  readonly #controller = new AbortController()
  readonly #signal
  #state: 'walking' | 'storing' | 'inBackground' | 'over' = 'walking'
  #clearTimeout = (): void => {}

  constructor (init: LivePutInit) {
    this.#init = init
    this.#signal = anySignal([init.queryManager.shutDownController.signal, this.#controller.signal])
    setMaxListeners(Infinity, this.#signal, this.#controller.signal)
    this.#driver = new PutDriver(init.put, {
      store: peer => { this.#store(peer).catch(err => { init.log.error('could not store %b with %s - %e', init.key, peer, err) }) },
      onReturn: ({ holders, goesOn }) => {
        init.log('%d of the closest peers hold the record of %b', holders.length, init.key)

        // too many go on already: this caller waits to the end
        if (goesOn && init.background.enter()) {
          this.#return()
        }
      },
      onFinish: ({ holders, failed }) => {
        init.log('%d peers hold the record of %b in all, %d could not be told', holders.length, init.key, failed)
        this.#end()
      }
    })
  }

  /**
   * Run the put and yield kad-dht's events for all that happens, until enough peers hold the
   * record. The rest goes on without the caller.
   *
   * @throws {AbortError} The signal was aborted during the walk. If events were still waiting to be read, or after the walk, the reason of the signal is thrown instead.
   */
  async * run (): AsyncGenerator<QueryEvent> {
    const { key, put, options: { signal }, timeoutMs, log } = this.#init
    const onAbort = (): void => {
      if (this.#isWaitedFor) {
        log.error('gave up a put when %d peers held the record of %b', put.stored, key)
      }

      // a walk ends with an error of its own
      if (this.#state === 'storing') {
        this.#events.end(signal?.reason)
        this.#driver.advance({ type: 'cancelled' })
      } else if (this.#state === 'walking') {
        this.#controller.abort(signal?.reason)
      }
    }

    signal?.throwIfAborted()
    signal?.addEventListener('abort', onAbort)

    if (signal === undefined) {
      this.#limit(timeoutMs)
    }

    this.#walk().catch(err => {
      this.#events.end(err)
      this.#driver.advance({ type: 'cancelled' })
    })

    try {
      yield * this.#events
    } finally {
      signal?.removeEventListener('abort', onAbort)

      // the caller stops reading, or its signal was aborted
      if (this.#isWaitedFor) {
        this.#driver.advance({ type: 'cancelled' })
      }
    }
  }

  get #isWaitedFor (): boolean {
    return this.#state === 'walking' || this.#state === 'storing'
  }

  async #walk (): Promise<void> {
    const { key, queryManager, options } = this.#init

    for await (const event of queryManager.run(key, context => this.#ask(context), { ...options, signal: this.#signal })) {
      this.#push(event)
    }

    this.#state = this.#state === 'walking' ? 'storing' : this.#state
    this.#driver.advance({ type: 'walked' })
  }

  /** Ask one peer of the walk. A near one gets the record together with the question, where that is possible. */
  async * #ask ({ peer, peerKadId, path, signal }: QueryContext): AsyncGenerator<QueryEvent> {
    const { key, put, sender, network, contexts, options, onStore } = this.#init
    const context = contexts.get(signal)
    const hasRecord = sender.ahead !== undefined && context !== undefined && put.isNear(peerKadId)

    if (hasRecord) {
      context.ahead = [sender.ahead]
    }

    for await (const event of network.sendRequest(peer.id, { type: 'FIND_NODE', key: key as Uint8Array<ArrayBuffer> }, { ...options, signal, path })) {
      yield event

      if (event.name === 'PEER_RESPONSE' && event.messageName === 'FIND_NODE') {
        this.#peers.set(peer.id.toString(), peer)

        if (hasRecord) {
          onStore('read')
          this.#announce(peer)
          this.#push(providerStoredEvent(peer.id, { path, onProgress: options.onProgress }))
        }

        this.#driver.advance({ type: 'answered', peer: peer.id.toString(), kadId: peerKadId, hasRecord })
      }
    }
  }

  async #store (handle: string): Promise<void> {
    const { sender, options, onStore } = this.#init
    const peer = this.#peers.get(handle) as PeerInfo
    let result: StoreResult = 'failed'

    try {
      this.#announce(peer)
      result = await sender.send(peer.id, { ...options, signal: this.#signal, path: NO_PATH }, event => { this.#push(event) })
    } finally {
      onStore(result)
      this.#driver.advance({ type: isHolder(result) ? 'stored' : 'failed', peer: handle })
    }
  }

  /** The event of a peer that the record is stored with */
  #announce (peer: PeerInfo): void {
    if (!this.#init.sender.isAnnounced) {
      return
    }

    const event: FinalPeerEvent = { type: EventTypes.FINAL_PEER, name: 'FINAL_PEER', from: this.#init.self, peer, path: NO_PATH }
    this.#init.options.onProgress?.(new CustomProgressEvent('kad-dht:query:final-peer', event))
    this.#push(event)
  }

  #push (event: QueryEvent): void {
    if (this.#isWaitedFor) {
      this.#events.push(event)
    }
  }

  #limit (ms: number): void {
    this.#clearTimeout()
    this.#clearTimeout = patientTimeout(() => { this.#controller.abort(new TimeoutError('The put took too long')) }, ms, this.#init.now)
  }

  /** The caller goes on */
  #return (): void {
    this.#state = 'inBackground'
    this.#events.end()
    this.#limit(BACKGROUND_MS)
  }

  #end (): void {
    if (this.#state === 'inBackground') {
      this.#init.background.leave()
    }

    this.#state = 'over'
    this.#events.end()
    this.#clearTimeout()
    this.#controller.abort(new AbortError('The put has ended'))
    this.#signal.clear()
  }
}
