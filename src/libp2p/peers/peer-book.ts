import { peerIdFromString } from '@libp2p/peer-id'
import { raceSignal } from 'race-signal'
import { fairShare } from './fair-share.ts'
import { packEntry, packedAddresses, unpackEntry } from './packed-entry.ts'
import { placeAddress, sortAddresses } from './place-address.ts'
import { AddressChecks } from './address-checks.ts'
import { addressKind } from './address-kind.ts'
import { BookAddress, NEUTRAL } from './book-entry.ts'
import { KadIds } from './kad-id-of.ts'
import { NODE_LIMITS } from '../../parameters/node-limits.ts'
import { dropOldest } from '../../routing-table/drop-oldest.ts'
import type { AddressChecksComponents } from './address-checks.ts'
import type { BookEntry } from './book-entry.ts'
import type { KadId } from '../../keyspace/kad-id.ts'
import type { StoredAddress } from '../../persistence/score-store.ts'
import type { PeerId, PeerInfo } from '@libp2p/interface'
import type { PeerInfoMapper } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'

/** How many addresses are kept of a peer, of those that we can dial */
const MAX_ADDRESSES = 8

/** How many addresses of one answer are looked at. If there are more, some of each kind are. */
const MAX_CHECKED = 32

/** An address is counted as named this many times at most */
const MAX_NAMED = 255

/** How much of the mean one dial replaces: addresses change as networks do */
const ADDRESS_GAIN = 0.3

/** How many entries are looked at for one that can be packed */
const MAX_LOOKS = 100

/** An address below this reliability has failed about five times since it worked. It leaves as soon as another works. */
const OUTDATED = 0.1

export interface PeerBookInit {
  /** How many peers are kept; the one that was not touched for longest leaves first. It has to be more than `keeps` holds. */
  maxPeers: number
  /**
   * How many of them are kept ready for use; those that were not touched for longest are packed
   *
   * @default `NODE_LIMITS.maxUnpackedPeers`
   */
  maxUnpackedPeers?: number
  /** Whether a peer has to stay */
  keeps: (peer: string) => boolean
  /** Every address has to pass it, wherever it comes from */
  peerInfoMapper: PeerInfoMapper
  now: () => number
}

/**
 * Remembers peers by their handle, `peerId.toString()`: the peer id, the kad id, so that it is
 * hashed only once, and the addresses. An entry takes some kB, so only those that were used
 * last are kept as such. The others are packed, and unpacked when somebody looks them up.
 */
export class PeerBook {
  readonly #init: PeerBookInit
  readonly #checks: AddressChecks
  readonly #maxUnpacked: number
  readonly #entries = new Map<string, BookEntry>()
  readonly #packed = new Map<string, string>()
  readonly #kadIds = new KadIds()
  /** Grows with each naming and each dial that worked */
  #clock = 0

  constructor (components: AddressChecksComponents, init: PeerBookInit) {
    this.#init = init
    this.#maxUnpacked = Math.min(init.maxUnpackedPeers ?? NODE_LIMITS.maxUnpackedPeers, init.maxPeers)
    this.#checks = new AddressChecks(components, init)
  }

  /**
   * Look a peer up by its handle
   */
  get (peer: string): BookEntry | undefined {
    return this.#entries.get(peer) ?? this.#unpack(peer)
  }

  /**
   * The addresses of a peer as a store keeps them, best first
   */
  storedAddresses (peer: string): StoredAddress[] {
    const packed = this.#packed.get(peer)

    return packed === undefined
      ? (this.#entries.get(peer)?.addresses ?? []).map(({ multiaddr, reliability }) => ({ multiaddr: multiaddr.bytes, reliability }))
      : packedAddresses(packed)
  }

  /**
   * The PeerId of a handle, of a peer that is not entered too
   */
  idOf (peer: string): PeerId {
    return this.#entries.get(peer)?.id ?? peerIdFromString(peer)
  }

  /**
   * Enter a peer
   */
  async add (id: PeerId): Promise<BookEntry> {
    const peer = id.toString()
    let entry = this.get(peer)

    if (entry === undefined) {
      const kadId = await this.#kadIds.of(id.toMultihash().bytes)
      // another call may have entered the peer meanwhile
      entry = this.get(peer) ?? { id, kadId, addresses: [], checking: new Map(), relayed: false }
    }

    this.#touch(peer, entry)

    return entry
  }

  /**
   * The addresses of a peer that the mapper lets through
   */
  allowed ({ id, multiaddrs }: Pick<PeerInfo, 'id' | 'multiaddrs'>): Multiaddr[] {
    return this.#init.peerInfoMapper({ id, multiaddrs }).multiaddrs
  }

  /**
   * Enter a peer and the addresses of it that the mapper lets through. An address is entered
   * when it is known that we can dial it, which may be after this has ended.
   *
   * @returns Whether the mapper lets any address through
   */
  async learn ({ id, multiaddrs }: Pick<PeerInfo, 'id' | 'multiaddrs'>): Promise<{ entry: BookEntry, isAllowed: boolean }> {
    const entry = await this.add(id)
    const naming = ++this.#clock
    const strangers: Multiaddr[] = []
    let isAllowed = false

    for (const multiaddr of withoutTwins(multiaddrs.filter(multiaddr => isOf(multiaddr, id)).map(withoutPeer))) {
      const known = entry.addresses.find(address => address.multiaddr.equals(multiaddr))

      if (known === undefined) {
        strangers.push(multiaddr)
      } else {
        isAllowed = true
        known.named = Math.min(known.named + 1, MAX_NAMED)
      }
    }

    const allowed = strangers.length === 0 ? [] : this.allowed({ id, multiaddrs: strangers })

    for (const multiaddr of fairShare(allowed, MAX_CHECKED, addressKind)) {
      if (this.#checks.known(multiaddr) !== false) {
        this.#check(entry, new BookAddress(multiaddr, naming))
      }
    }

    sortAddresses(entry.addresses)

    return { entry, isAllowed: isAllowed || allowed.length > 0 }
  }

  /**
   * Enter a peer as it was stored. Its addresses keep their reliability. Whether the mapper lets
   * them through and whether we can dial them is checked when they are needed. What is known
   * of the peer already stays.
   *
   * @param peer - Its handle
   * @param multihash - Of its peer id
   */
  async restore (peer: string, multihash: Uint8Array, addresses: readonly StoredAddress[]): Promise<KadId> {
    const kadId = this.get(peer)?.kadId ?? await this.#kadIds.of(multihash)
    const naming = ++this.#clock
    const packed = packEntry(kadId, addresses.slice(0, MAX_ADDRESSES).map(({ multiaddr, reliability }) => ({
      multiaddr,
      reliability,
      workedAt: reliability > NEUTRAL ? ++this.#clock : undefined,
      named: 1,
      naming,
      checked: false
    })))
    // another call may have entered the peer meanwhile
    const known = this.get(peer)

    if (known === undefined) {
      this.#packed.set(peer, packed)
      this.#dropStrangers()
    } else {
      this.#unpacked(known.id, packed).addresses.forEach(address => { this.#place(known, address) })
    }

    return kadId
  }

  /**
   * Check the addresses that came from a store and were never used. Those that we can't dial leave.
   */
  verify (entry: BookEntry): void {
    for (const address of entry.addresses) {
      if (!address.checked) {
        this.#check(entry, address)
      }
    }
  }

  /**
   * The addresses of a peer that we can dial. This waits until there is one, or until it is
   * known that there is none.
   *
   * @throws {AbortError} The signal was aborted
   */
  async usable (entry: BookEntry, signal?: AbortSignal): Promise<BookAddress[]> {
    this.verify(entry)

    while (!entry.addresses.some(({ checked }) => checked) && entry.checking.size > 0) {
      await raceSignal(Promise.race(entry.checking.values()), signal)
    }

    return entry.addresses.filter(({ checked }) => checked)
  }

  /**
   * Count a dial of a known peer's address
   */
  dialled (peer: string, multiaddr: Multiaddr, worked: boolean): void {
    const entry = this.get(peer)

    if (entry === undefined) {
      return
    }

    const bare = withoutPeer(multiaddr)
    const known = entry.addresses.find(address => address.multiaddr.equals(bare))

    if (!worked) {
      if (known !== undefined) {
        known.reliability -= known.reliability * ADDRESS_GAIN
        sortAddresses(entry.addresses)
      }

      return
    }

    const address = known ?? new BookAddress(bare, ++this.#clock)
    address.checked = true
    address.reliability += (1 - address.reliability) * ADDRESS_GAIN
    address.workedAt = ++this.#clock

    // the dial of a name ends at an address that nobody has named
    if (known === undefined && this.allowed({ id: entry.id, multiaddrs: [bare] }).length > 0) {
      this.#place(entry, address)
    }

    this.#keepOnly(entry, ({ reliability }) => reliability > OUTDATED)
  }

  delete (peer: string): void {
    this.#entries.delete(peer)
    this.#packed.delete(peer)
  }

  #touch (peer: string, entry: BookEntry): void {
    this.#packed.delete(peer)
    this.#entries.delete(peer)
    this.#entries.set(peer, entry)
    this.#packOldest()
    this.#dropStrangers()
  }

  #packOldest (): void {
    let looks = 0

    for (const [peer, { kadId, addresses, checking }] of this.#entries) {
      if (this.#entries.size <= this.#maxUnpacked || looks++ === MAX_LOOKS) {
        return
      }

      // what a check finds would be lost
      if (checking.size === 0) {
        this.#entries.delete(peer)
        this.#packed.set(peer, packEntry(kadId, addresses.map(address => ({ ...address, multiaddr: address.multiaddr.bytes }))))
      }
    }
  }

  #unpack (peer: string): BookEntry | undefined {
    const packed = this.#packed.get(peer)

    if (packed === undefined) {
      return undefined
    }

    const entry = this.#unpacked(peerIdFromString(peer), packed)
    this.#touch(peer, entry)

    return entry
  }

  #unpacked (id: PeerId, packed: string): BookEntry {
    return unpackEntry(id, packed, multiaddrs => this.allowed({ id, multiaddrs }))
  }

  #dropStrangers (): void {
    dropOldest(this.#packed, Math.max(0, this.#init.maxPeers - this.#entries.size), this.#init.keeps)
  }

  #check (entry: BookEntry, address: BookAddress): void {
    const key = address.multiaddr.toString()

    if (entry.checking.has(key) || entry.checking.size >= MAX_CHECKED) {
      return
    }

    entry.checking.set(key, this.#checks.check(address.multiaddr).then(isDialable => {
      entry.checking.delete(key)

      if (isDialable) {
        address.checked = true
        this.#place(entry, address)
      } else if (address.workedAt === undefined) {
        // an address that has led to the peer stays: a name server may be out of order, or a transport missing in this run
        this.#keepOnly(entry, other => other !== address)
      }
    }))
  }

  #place (entry: BookEntry, address: BookAddress): void {
    if (!entry.addresses.some(({ multiaddr }) => multiaddr.equals(address.multiaddr))) {
      placeAddress(entry.addresses, address, MAX_ADDRESSES)
      entry.relayed = entry.addresses.every(({ relayed }) => relayed)
    }
  }

  #keepOnly (entry: BookEntry, isKept: (address: BookAddress) => boolean): void {
    entry.addresses.splice(0, Infinity, ...entry.addresses.filter(isKept))
    sortAddresses(entry.addresses)
    entry.relayed = entry.addresses.every(({ relayed }) => relayed)
  }
}

/** Whether an address is the peer's own: some end with another peer's id */
function isOf (multiaddr: Multiaddr, id: PeerId): boolean {
  const last = multiaddr.getComponents().at(-1)

  return last?.name !== 'p2p' || last.value === id.toString()
}

function withoutTwins (multiaddrs: Multiaddr[]): Multiaddr[] {
  return [...new Map(multiaddrs.map(multiaddr => [multiaddr.toString(), multiaddr])).values()]
}

/**
 * An address without the peer id at its end, which is kept once for all of them
 */
function withoutPeer (multiaddr: Multiaddr): Multiaddr {
  const components = multiaddr.getComponents()

  return components.at(-1)?.name === 'p2p' ? multiaddr.decapsulate(`/p2p/${components.at(-1)?.value}`) : multiaddr
}
