/**
 * The command line was not understood: one sentence that says what was wrong
 * and what would be right
 */
export class UsageError extends Error {
  static name = 'UsageError'
  name = 'UsageError'
}
