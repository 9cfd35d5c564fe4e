import type { QueryEvent } from '@libp2p/kad-dht'

/**
 * The events of one name, with the type of that name
 */
export function named<N extends QueryEvent['name']> (events: QueryEvent[], name: N): Array<Extract<QueryEvent, { name: N }>> {
  return events.filter((event): event is Extract<QueryEvent, { name: N }> => event.name === name)
}
