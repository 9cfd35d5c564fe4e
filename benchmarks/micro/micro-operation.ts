import type { Arm } from '../report/results.ts'

/**
 * A piece of work whose time is taken
 */
export interface MicroOperation {
  /** What is done: operations of the same name are compared */
  operation: string
  /** Whose way of doing it */
  arm: Extract<Arm, 'kad-dht' | 'scored'>
  /** By what, for people */
  by: string
  /** Does it once */
  run: () => unknown
}
