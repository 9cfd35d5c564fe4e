/**
 * A ratio of times with as many decimals as a reader can use: three significant
 * digits up to 100
 */
export function formatRatio (ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : ratio < 100 ? 1 : 0)
}
