import { kadIdOf } from './kad-id-of.ts'
import type { KadId } from '../keyspace/kad-id.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** More addresses than this are hostile or stale: real nodes announce a handful */
const MAX_ADDRESSES = 8

/** Share of the old mean that one dial replaces: addresses change as networks do */
const ADDRESS_GAIN = 0.3

/** An address that was never dialled */
const NEUTRAL = 0.5

/** An address and how reliable it has been */
export interface BookAddress {
  multiaddr: Multiaddr
  /** Running mean of dials that worked, 0 to 1; 0.5 when never dialled */
  reliability: number
}

/** What we know of a peer besides its score */
export interface BookEntry {
  readonly id: PeerId
  readonly kadId: KadId
  /** Most reliable first; at most eight */
  readonly addresses: BookAddress[]
  /** Whether there are addresses and all of them lead through relays */
  relayed: boolean
  /** The last dial was refused at once, so that another try costs no waiting */
  failsFast: boolean
  /** When it was last asked anything, ms since the epoch; undefined when it was not since the node started */
  triedAt: number | undefined
}

export interface PeerBookInit {
  /** Entries kept; the one untouched for longest leaves first. More than `keeps` holds on to. */
  maxPeers: number
  /** Whether a peer has to stay */
  keeps: (peer: string) => boolean
}

/**
 * Remembers peers by their handle (`peerId.toString()`): the peer id, its kad id
 * that is hashed once, and the addresses that worked.
 */
export class PeerBook {
  private readonly maxPeers: number
  private readonly keeps: (peer: string) => boolean
  private readonly entries = new Map<string, BookEntry>()

  constructor (init: PeerBookInit) {
    this.maxPeers = init.maxPeers
    this.keeps = init.keeps
  }

  get size (): number {
    return this.entries.size
  }

  /**
   * Look a peer up by its handle
   */
  get (peer: string): BookEntry | undefined {
    return this.entries.get(peer)
  }

  /**
   * Enter a peer and its addresses, if they are new
   */
  async add (id: PeerId, multiaddrs: Multiaddr[] = []): Promise<BookEntry> {
    const peer = id.toString()
    let entry = this.entries.get(peer)

    if (entry == null) {
      const kadId = await kadIdOf(id.toMultihash().bytes)
      // another call may have entered it meanwhile
      entry = this.entries.get(peer) ?? { id, kadId, addresses: [], relayed: false, failsFast: false, triedAt: undefined }
    }

    this.touch(peer, entry)

    for (const multiaddr of multiaddrs) {
      this.addAddress(entry, { multiaddr: withoutPeer(multiaddr), reliability: NEUTRAL })
    }

    return entry
  }

  /**
   * Enter a peer as it was stored: its addresses keep their reliability
   */
  async restore (id: PeerId, addresses: BookAddress[]): Promise<BookEntry> {
    const entry = await this.add(id)

    for (const address of addresses) {
      this.addAddress(entry, address)
    }

    return entry
  }

  /**
   * Count a dial of a known peer's address. Without an address all of them failed.
   */
  dialled (peer: string, multiaddr: Multiaddr | undefined, worked: boolean): void {
    const entry = this.entries.get(peer)

    if (entry == null) {
      return
    }

    const bare = multiaddr == null ? undefined : withoutPeer(multiaddr)

    if (worked && bare != null) {
      this.addAddress(entry, { multiaddr: bare, reliability: NEUTRAL })
    }

    for (const address of entry.addresses) {
      if (bare == null || address.multiaddr.equals(bare)) {
        address.reliability += ((worked ? 1 : 0) - address.reliability) * ADDRESS_GAIN
      }
    }

    entry.addresses.sort((a, b) => b.reliability - a.reliability)
  }

  delete (peer: string): void {
    this.entries.delete(peer)
  }

  clear (): void {
    this.entries.clear()
  }

  private touch (peer: string, entry: BookEntry): void {
    this.entries.delete(peer)
    this.entries.set(peer, entry)

    if (this.entries.size > this.maxPeers) {
      this.dropOldest()
    }
  }

  private dropOldest (): void {
    for (const [peer, entry] of this.entries) {
      this.entries.delete(peer)

      if (!this.keeps(peer)) {
        return
      }

      // one that has to stay goes to the end, and the next one is looked at
      this.entries.set(peer, entry)
    }
  }

  private addAddress (entry: BookEntry, address: BookAddress): void {
    if (entry.addresses.some(({ multiaddr }) => multiaddr.equals(address.multiaddr))) {
      return
    }

    if (entry.addresses.length === MAX_ADDRESSES) {
      // a new one replaces the worst only if that one has failed
      if (entry.addresses[MAX_ADDRESSES - 1].reliability >= address.reliability) {
        return
      }

      entry.addresses.pop()
    }

    const index = entry.addresses.findIndex(({ reliability }) => reliability < address.reliability)
    entry.addresses.splice(index === -1 ? entry.addresses.length : index, 0, address)
    entry.relayed = entry.addresses.every(({ multiaddr }) => isRelayed(multiaddr))
  }
}

function isRelayed (multiaddr: Multiaddr): boolean {
  return multiaddr.getComponents().some(({ name }) => name === 'p2p-circuit')
}

/**
 * The peer id is kept once, not with every address
 */
function withoutPeer (multiaddr: Multiaddr): Multiaddr {
  const components = multiaddr.getComponents()

  return components.at(-1)?.name === 'p2p' ? multiaddr.decapsulate(`/p2p/${components.at(-1)?.value}`) : multiaddr
}
