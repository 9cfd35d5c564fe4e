/**
 * The number that a text says; undefined when it is none, or not in the range
 */
export function numberIn (text: string, min: number, max: number): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text)

  return value >= min && value <= max ? value : undefined
}
