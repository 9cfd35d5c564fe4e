/**
 * Published measurements that the model is compared with
 */
export const PUBLISHED = {
  /** Provide with k = 20, 10,000 CIDs, July 2022, s: network-measurements rfm17 */
  provideS: { p5: 2.97, p25: 7.01, p50: 12.64, p75: 23.33, p90: 48.98 },
  /** The same measurement with other values of k for the publisher, while all other nodes keep k = 20 */
  provideOtherK: {
    15: { p5: 1.85, p25: 5.90, p50: 10.45, p75: 19.65, p90: 38.03 },
    25: { p5: 3.38, p25: 7.66, p50: 14.21, p75: 25.02, p90: 53.44 },
    40: { p5: 4.69, p25: 10.41, p50: 21.27, p75: 47.58, p90: 167.74 }
  },
  /** Hops of a walk in the same measurement: at most 4 for half of the walks, at most 6 for 90% */
  hops: { p50: 4, p90: 6 },
  /** Of the 20 holders of a record, the number that can be reached, in the same measurement */
  holders: { p5: 14, p50: 18, p90: 20 },
  /** Dead entries in routing tables, April 2022: network-measurements rfm19 */
  deadShare: { full: 0.038, sparse: 0.15 },
  /** Finding a first provider with Go in 2025, all regions, s: ProbeLab, week to 2025-02-23 */
  lookup2025S: { p50: 0.319, p90: 1.095, p99: 1.661 },
  /** Classic provide with Go in 2025, s, from the same source */
  provide2025S: { p50: 10.92, p90: 30.51, p99: 126.1 }
} as const
