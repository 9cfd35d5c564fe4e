import type { ScoreStoreProblem } from '../score-store-error.ts'

/**
 * What is wrong with the database of published keys: the same kinds as of a score store
 */
export type PublishStoreProblem = ScoreStoreProblem

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
