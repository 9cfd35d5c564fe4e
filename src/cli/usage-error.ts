/**
 * The command line makes no sense; the message is one line that says why
 */
export class UsageError extends Error {
  static name = 'UsageError'
  override name = 'UsageError'
}
