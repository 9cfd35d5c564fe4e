/**
 * A score store can't be used. The message is one line that names the store and
 * the reason; `cause` is the engine's own error, where there was one.
 */
export class ScoreStoreError extends Error {
  static name = 'ScoreStoreError'

  constructor (message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ScoreStoreError'
  }
}
