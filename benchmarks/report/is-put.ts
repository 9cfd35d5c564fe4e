import type { Operation } from './results.ts'

/**
 * Whether an operation stores a record
 */
export function isPut (operation: Operation): boolean {
  return operation === 'put-value' || operation === 'provide'
}
