/**
 * A command can't do its work; the message is one line that says why
 */
export class CommandError extends Error {
  static name = 'CommandError'
  override name = 'CommandError'

  /** Of the process: 2 where the same command would fail again, 1 where it is worth another try */
  readonly exitCode: 1 | 2

  constructor (message: string, exitCode: 1 | 2, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}
