/**
 * Gini's coefficient: 0 when all have the same, close to 1 when one has everything
 *
 * @param counts - At least 0 each. Zeros may be left out if `total` is given.
 * @param total - Number of counts, zeros included @default counts.length
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
