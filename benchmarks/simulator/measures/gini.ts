/**
 * Gini's coefficient: 0 when all have the same, towards 1 when one has all
 *
 * @param counts - At least 0 each; those who have nothing may be left out and told by `total`
 * @param total - How many there are in all @default counts.length
 */
export function gini (counts: Iterable<number>, total?: number): number {
  const sorted = Float64Array.from(counts).sort()
  const size = total ?? sorted.length
  const without = size - sorted.length
  let sum = 0
  let weighted = 0

  for (const [index, count] of sorted.entries()) {
    sum += count
    weighted += (without + index + 1) * count
  }

  return sum === 0 ? 0 : 2 * weighted / (size * sum) - (size + 1) / size
}
