/**
 * Named values as words, those left out that are not set; those of a value that has some in brackets
 */
export function formatParameters (values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${isNested(value) ? `(${formatParameters(value)})` : String(value)}`)
    .join(', ')
}

function isNested (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
