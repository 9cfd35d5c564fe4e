import { addressKind } from './address-kind.ts'
import type { KadId } from '../../keyspace/kad-id.ts'
import type { AddressRecord } from './place-address.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** The reliability of an address that was never dialled */
export const NEUTRAL = 0.5

/** An address and how reliable it has been */
export class BookAddress implements AddressRecord {
  readonly multiaddr: Multiaddr
  readonly relayed: boolean
  readonly naming: number
  /** Running mean of dials that worked, 0 to 1; 0.5 when never dialled */
  reliability = NEUTRAL
  workedAt: number | undefined
  named = 1
  /** False while it is not known whether this node can dial it. A stored address is looked at when it is needed. */
  checked = false

  constructor (multiaddr: Multiaddr, naming: number) {
    this.multiaddr = multiaddr
    this.relayed = multiaddr.getComponents().some(({ name }) => name === 'p2p-circuit')
    this.naming = naming
  }

  get kind (): string {
    return addressKind(this.multiaddr)
  }
}

/** What we know of a peer besides its score */
export interface BookEntry {
  readonly id: PeerId
  readonly kadId: KadId
  /** The addresses that we can dial and that the mapper lets through, the most reliable first; at most eight */
  readonly addresses: BookAddress[]
  /** Checks under way of addresses that we may be able to dial. None of them ends with an error. */
  readonly checking: Map<string, Promise<void>>
  /** Whether there are addresses and all of them lead through relays */
  relayed: boolean
}
