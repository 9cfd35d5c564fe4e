import type { QueryOptions } from '../internals.ts'
import type { QueryEvent } from '@libp2p/kad-dht'

/**
 * Tell the lookup of a search for a peer or for providers that one answer may be all
 * that is needed
 */
export function markEarlyEnds<Subject> (search: (subject: Subject, options: QueryOptions) => AsyncGenerator<QueryEvent>): (subject: Subject, options?: QueryOptions) => AsyncGenerator<QueryEvent> {
  return (subject, options) => search(subject, { ...options, endsEarly: true })
}
