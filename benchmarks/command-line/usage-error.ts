/**
 * The command line was not understood. The message is one sentence that says what is
 * wrong and what would be right.
 */
export class UsageError extends Error {
  static name = 'UsageError'
  name = 'UsageError'
}
