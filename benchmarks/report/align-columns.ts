const GAP = '  '

/**
 * The rows of a table as lines of text. Each column is as wide as its widest cell.
 *
 * @param leftColumns - Number of the first columns that hold words. They are aligned to the left, the others to the right.
 */
export function alignColumns (rows: readonly string[][], leftColumns: number): string[] {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)), [])

  return rows.map(row => row
    .map((cell, column) => column < leftColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))
    .join(GAP)
    .trimEnd())
}
