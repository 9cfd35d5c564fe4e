import type { Arm } from '../report/results.ts'

/**
 * A piece of work whose time is taken
 */
export interface MicroOperation {
  /** Name of the operation. Operations of the same name are compared. */
  operation: string
  /** Whose code does it */
  arm: Extract<Arm, 'kad-dht' | 'scored'>
  /** The code that does it, in words */
  by: string
  /** Do it once */
  run: () => unknown
}
