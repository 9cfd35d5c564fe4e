/**
 * Named values in words, without those that are not set. When a value has values of its
 * own, these are in brackets.
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
