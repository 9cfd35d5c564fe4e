import type { Operation } from './results.ts'

/**
 * Whether an operation stores a record
 */
export function isPut (operation: Operation): boolean {
  return operation === 'put-value' || operation === 'provide' || isBulk(operation)
}

/**
 * Whether an operation stores many records at once
 */
export function isBulk (operation: Operation): boolean {
  return operation === 'provide-many' || operation === 'put-many'
}
