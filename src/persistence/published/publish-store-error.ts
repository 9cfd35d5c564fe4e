/**
 * What is wrong with the database of published keys:
 *
 * - `in-use`: another process or another node has it
 * - `damaged`: its files can't be read as a database
 * - `closed`: it is not open, or its owner closed it
 * - `no-permission`: this process may not read or write it
 * - `no-space`: the disk is full
 * - `misplaced`: something else is where the database should be
 * - `no-answer`: it takes too long
 * - `unusable`: anything else
 */
export type PublishStoreProblem = 'in-use' | 'damaged' | 'closed' | 'no-permission' | 'no-space' | 'misplaced' | 'no-answer' | 'unusable'

/**
 * What an error of the database of published keys is made with, beside its message
 */
export interface PublishStoreErrorOptions extends ErrorOptions {
  /**
   * The kind of trouble
   *
   * @default 'unusable'
   */
  problem?: PublishStoreProblem
}

/**
 * The database of published keys can't be used, so what was asked is not done. The message is
 * one line that names the database, the reason and what to do. `cause` is the engine's own
 * error, if there was one.
 */
export class PublishStoreError extends Error {
  static name = 'PublishStoreError'

  /** For programs: the kind of trouble */
  readonly problem: PublishStoreProblem

  constructor (message: string, { problem = 'unusable', ...options }: PublishStoreErrorOptions = {}) {
    super(message, options)
    this.name = 'PublishStoreError'
    this.problem = problem
  }
}
