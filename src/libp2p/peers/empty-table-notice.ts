import type { Logger, PeerInfo } from '@libp2p/interface'

/** A query that has waited this long for a first peer is worth a line in the log, ms */
const PATIENCE_MS = 10_000

/** The least time between two lines of one kind, ms */
const INTERVAL_MS = 600_000

const REMEDY = 'On a LAN, or on one machine, each node needs peerInfoMapper: passthroughMapper, and those that are to answer clientMode: false'

export interface EmptyTableNoticeInit {
  /** How many peers are in the routing table */
  tableSize: () => number
  connections: () => number
  now: () => number
  log: Logger
}

/**
 * Says in the log why a node finds nobody to ask. A query on an empty routing table waits. On
 * a LAN it would wait for ever without a word, because the default options let no address
 * through there and make nobody a server.
 */
export class EmptyTableNotice {
  readonly #init: EmptyTableNoticeInit
  readonly #toldAt = new Map<'filtered' | 'waiting', number>()

  constructor (init: EmptyTableNoticeInit) {
    this.#init = init
  }

  /**
   * The mapper let no address of this peer through
   */
  filtered ({ id, multiaddrs }: PeerInfo): void {
    if (multiaddrs.length > 0 && this.#init.tableSize() === 0) {
      this.#tell('filtered', `the routing table is empty, and peerInfoMapper lets none of the addresses of ${id} through (${multiaddrs.join(', ')}). ${REMEDY}`)
    }
  }

  /**
   * A query begins to wait for a first peer
   *
   * @returns To be called when it no longer waits
   */
  waits (): () => void {
    const timer = setTimeout(() => {
      this.#tell('waiting', `a query has waited ${PATIENCE_MS / 1000} seconds for a first peer in the routing table; connections: ${this.#init.connections()}. ${REMEDY}`)
    }, PATIENCE_MS)

    return () => { clearTimeout(timer) }
  }

  #tell (kind: 'filtered' | 'waiting', line: string): void {
    const { now, log } = this.#init
    const time = now()

    if (time - (this.#toldAt.get(kind) ?? -Infinity) >= INTERVAL_MS) {
      this.#toldAt.set(kind, time)
      log.error('%s', line)
    }
  }
}
