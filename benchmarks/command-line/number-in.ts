/**
 * The number in a text, or undefined when the text is no number or one out of range
 */
export function numberIn (text: string, min: number, max: number): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text)

  return value >= min && value <= max ? value : undefined
}
