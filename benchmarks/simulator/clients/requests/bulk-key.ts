import type { KadId } from '../../../../src/keyspace/kad-id.ts'

/** One of many keys that are put */
export interface BulkKey {
  kadId: KadId
  /** The nodes that hold its record */
  holders: number[]
}

/** What a put of many keys has sent so far */
export interface BulkTraffic {
  lookups: number
  /** Requests of these lookups, those that were not answered included */
  lookupRequests: number
  /** Records that were written to a peer, each a message. It may be the same one twice. */
  records: number
  /** Questions behind records, that show that these were read */
  questions: number
  /** Peers that were sent to, and those of them that failed. A peer counts as often as it is sent to. */
  sends: number
  failedSends: number
}

export interface BulkHandlers {
  /** Nothing more happens to a key for now. One that has failed may come again. */
  onKey (key: BulkKey, stored: boolean): void
  onEnd (): void
}

/**
 * Traffic of a put that has not begun
 */
export function noTraffic (): BulkTraffic {
  return { lookups: 0, lookupRequests: 0, records: 0, questions: 0, sends: 0, failedSends: 0 }
}
