/**
 * Numbers of bulk puts that no option sets
 */
export const BULK_LIMITS = {
  /** How many keys of a region are read at a time: memory holds two such batches a region */
  keysAtOnce: 1_000,
  /** A peer takes many records at once, which may take this many times as long as one */
  timeoutsPerSend: 2,
  /** Keys that fail are sent again at once so often, if others were stored meanwhile. After that they wait. */
  passes: 3,
  /** After so many lookups the size of the network is known */
  firstLookups: 10
}
