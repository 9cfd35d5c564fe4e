/**
 * What is wrong with a score store:
 *
 * - `in-use`: another process or another node has it
 * - `damaged`: its files can't be read as a database
 * - `closed`: it is not open, or its owner closed it
 * - `no-permission`: this process may not read or write it
 * - `no-space`: the disk is full
 * - `misplaced`: something else is where the store should be
 * - `no-answer`: it takes too long
 * - `unusable`: anything else
 */
export type ScoreStoreProblem = 'in-use' | 'damaged' | 'closed' | 'no-permission' | 'no-space' | 'misplaced' | 'no-answer' | 'unusable'

/**
 * What an error of a score store is made with, beside its message
 */
export interface ScoreStoreErrorOptions extends ErrorOptions {
  /**
   * The kind of trouble
   *
   * @default 'unusable'
   */
  problem?: ScoreStoreProblem
}

/**
 * A score store can't be used. The message is one line that names the store, the reason and
 * what to do. `cause` is the engine's own error, if there was one.
 */
export class ScoreStoreError extends Error {
  static name = 'ScoreStoreError'

  /** For programs: the kind of trouble */
  readonly problem: ScoreStoreProblem

  constructor (message: string, { problem = 'unusable', ...options }: ScoreStoreErrorOptions = {}) {
    super(message, options)
    this.name = 'ScoreStoreError'
    this.problem = problem
  }
}
