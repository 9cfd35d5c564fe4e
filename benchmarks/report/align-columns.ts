const GAP = '  '

/**
 * The rows of a table as lines of text, each column as wide as its widest cell
 *
 * @param leftColumns - How many of the first columns hold words and start at the left; the others end at the right
 */
export function alignColumns (rows: readonly string[][], leftColumns: number): string[] {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)), [])

  return rows.map(row => row
    .map((cell, column) => column < leftColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))
    .join(GAP)
    .trimEnd())
}
