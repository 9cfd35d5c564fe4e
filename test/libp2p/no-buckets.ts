import type { KBuckets } from '../../src/routing-table/k-buckets.ts'

/**
 * K-buckets that stay empty, for tests of what a node remembers without them
 */
export function noBuckets (): KBuckets<string> {
  return { entries: () => [], subscribe: () => {} }
}
