/**
 * A ratio of times with three significant digits up to 100, which is as many as a reader
 * can use
 */
export function formatRatio (ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : ratio < 100 ? 1 : 0)
}
