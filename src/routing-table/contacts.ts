import { NODE_LIMITS } from '../parameters/node-limits.ts'
import { dropOldest } from './drop-oldest.ts'
import type { KadId } from '../keyspace/kad-id.ts'

/**
 * What a node knows of a peer besides its score and its addresses
 */
export interface Contact<P> {
  /** Opaque handle */
  readonly peer: P
  readonly kadId: KadId
  /** Whether its last dial was refused at once, so that another try costs no waiting */
  failsFast: boolean
  /** When its last outcome was counted, ms; undefined when none was since the start of the node */
  triedAt: number | undefined
  /** When it was last named to us, ms; undefined when it was not since the start of the node */
  namedAt: number | undefined
}

/**
 * The contacts of a node: those of all peers with a score, and those of about 10,000
 * peers without a score that were met last.
 */
export class Contacts<P> {
  readonly #hasScore: (peer: P) => boolean
  readonly #maxContacts: number
  readonly #contacts = new Map<P, Contact<P>>()

  /**
   * @param maxPeers - How many peers have a score at most
   * @param hasScore - Whether a peer has one
   */
  constructor (maxPeers: number, hasScore: (peer: P) => boolean) {
    this.#maxContacts = maxPeers + NODE_LIMITS.maxStrangers
    this.#hasScore = hasScore
  }

  get (peer: P): Contact<P> | undefined {
    return this.#contacts.get(peer)
  }

  /**
   * The contact of a peer, a new one if there is none
   */
  meet ({ peer, kadId }: { peer: P, kadId: KadId }): Contact<P> {
    const known = this.#contacts.get(peer)

    if (known !== undefined) {
      return known
    }

    const contact = { peer, kadId, failsFast: false, triedAt: undefined, namedAt: undefined }

    this.#contacts.set(peer, contact)
    dropOldest(this.#contacts, this.#maxContacts, this.#hasScore)

    return contact
  }

  /**
   * What was learned of a peer is forgotten. Its contact stays like a stranger's: a failure
   * of it may still be held back.
   */
  forget (peer: P): void {
    const contact = this.#contacts.get(peer)

    if (contact !== undefined) {
      contact.failsFast = false
      contact.triedAt = undefined
      contact.namedAt = undefined
    }
  }
}
