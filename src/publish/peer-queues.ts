/** A peer that fails so often gets nothing more */
const MAX_FAILURES = 2

/**
 * What waits for each peer, and whose turn it is
 */
export class PeerQueues<P, T> {
  readonly #queues: Map<P, Queue<T>>
  readonly #recordsPerSend: number
  #sending = 0

  constructor (peers: Iterable<P>, recordsPerSend: number) {
    this.#queues = new Map(Array.from(peers, peer => [peer, { state: { type: 'waiting', failures: 0 }, keys: [] }]))
    this.#recordsPerSend = recordsPerSend
  }

  /** How many peers are sent to now */
  get sending (): number {
    return this.#sending
  }

  /** The peers that failed too often */
  get leftOut (): P[] {
    return [...this.#queues.keys()].filter(peer => this.isLeftOut(peer))
  }

  isLeftOut (peer: P): boolean {
    return this.#queues.get(peer)?.state.type === 'leftOut'
  }

  /** A key is to be sent to a peer that is not left out */
  add (peer: P, key: T): void {
    this.#queues.get(peer)?.keys.push(key)
  }

  /**
   * What to send next, and to whom: the peer for which most keys wait. One that has failed comes last, so that it
   * has time to recover. When that is over, call `ended`.
   */
  next (): { peer: P, keys: T[] } | undefined {
    let chosen: { peer: P, queue: Queue<T>, failures: number } | undefined

    for (const [peer, queue] of this.#queues) {
      const { state, keys } = queue

      if (state.type === 'waiting' && keys.length > 0 && (chosen === undefined || state.failures < chosen.failures ||
        (state.failures === chosen.failures && keys.length > chosen.queue.keys.length))) {
        chosen = { peer, queue, failures: state.failures }
      }
    }

    if (chosen === undefined) {
      return undefined
    }

    const { peer, queue, failures } = chosen
    const keys = queue.keys.splice(0, this.#recordsPerSend)

    queue.state = { type: 'sending', failures, keys: new Set(keys) }
    this.#sending++

    return { peer, keys }
  }

  /** What is being sent to a peer; undefined when nothing is */
  sentTo (peer: P): ReadonlySet<T> | undefined {
    const state = this.#queues.get(peer)?.state

    return state?.type === 'sending' ? state.keys : undefined
  }

  /**
   * The peer is no longer sent to.
   *
   * @param unanswered - Those of the keys that it neither took nor refused. With any of these it has failed.
   * @returns Keys that wait for it no longer, because it is left out from now on
   */
  ended (peer: P, unanswered: readonly T[]): T[] {
    const queue = this.#queues.get(peer)

    if (queue?.state.type !== 'sending') {
      return []
    }

    const failures = queue.state.failures + (unanswered.length > 0 ? 1 : 0)

    this.#sending--
    queue.keys.unshift(...unanswered)

    if (failures < MAX_FAILURES) {
      queue.state = { type: 'waiting', failures }
      return []
    }

    queue.state = { type: 'leftOut' }
    return queue.keys.splice(0)
  }
}

interface Queue<T> {
  state: QueueState<T>
  keys: T[]
}

type QueueState<T> =
  | { type: 'waiting', failures: number }
  | { type: 'sending', failures: number, keys: ReadonlySet<T> }
  | { type: 'leftOut' }
