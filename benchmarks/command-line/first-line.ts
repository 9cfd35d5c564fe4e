/**
 * What an error says, in one line
 */
export function firstLine (err: unknown): string {
  return String(err instanceof Error ? err.message : err).split('\n')[0] ?? ''
}
