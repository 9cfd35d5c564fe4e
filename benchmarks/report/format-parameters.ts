/**
 * Named values as words, those left out that are not set
 */
export function formatParameters (values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : String(value)}`)
    .join(', ')
}
