/**
 * Where nodes and clients are. A region has the name of the data centre at which round
 * trip times were measured. It stands for all nodes around that data centre.
 */
export const REGIONS = [
  'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1',
  'eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1', 'af-south-1', 'me-south-1',
  'ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-east-1', 'ap-northeast-1', 'ap-northeast-2'
] as const

export type Region = typeof REGIONS[number]

/**
 * Offset of each region's clock from UTC, hours, in the order of `REGIONS`
 */
export const UTC_OFFSETS_HOURS = [-5, -5, -8, -8, -5, -3, 0, 0, 1, 1, 1, 2, 3, 5.5, 8, 10, 8, 9, 9] as const

/*
 * Round trip times between Amazon's data centres, ms, as the mean of both directions. The
 * source is a sample of cloudping.co (medians over TCP) that jvm-libp2p's simulator
 * publishes (AwsLatencies.kt). The sample has no date. Its regions are those that existed
 * in 2021. This is the lower triangle, in the order of `REGIONS`.
 */
const MEASURED_MS = [
  [4],
  [13, 4],
  [62, 52, 3],
  [64, 52, 22, 3],
  [15, 25, 79, 60, 2],
  [114, 124, 172, 174, 125, 1],
  [70, 79, 128, 119, 70, 177, 1],
  [76, 86, 147, 128, 78, 186, 13, 1],
  [83, 93, 143, 134, 84, 195, 18, 10, 1],
  [92, 102, 151, 141, 92, 204, 27, 17, 12, 2],
  [112, 121, 174, 158, 108, 215, 42, 33, 30, 22, 2],
  [232, 242, 291, 274, 225, 343, 158, 147, 151, 161, 178, 3],
  [160, 170, 220, 212, 163, 272, 96, 87, 80, 86, 105, 145, 1],
  [186, 196, 228, 218, 187, 298, 120, 111, 104, 110, 131, 159, 35, 1],
  [212, 200, 172, 162, 210, 322, 182, 171, 167, 158, 178, 203, 86, 56, 4],
  [199, 187, 139, 140, 198, 312, 256, 265, 279, 249, 295, 412, 178, 146, 93, 1],
  [188, 176, 146, 136, 186, 299, 212, 203, 197, 189, 211, 241, 122, 89, 38, 127, 1],
  [146, 134, 108, 98, 144, 257, 201, 211, 216, 223, 243, 356, 162, 125, 69, 107, 46, 4],
  [174, 162, 128, 119, 172, 285, 230, 238, 245, 223, 242, 383, 158, 125, 70, 142, 38, 34, 2]
] as const

/**
 * Round trip time between two regions, ms, the same in both directions, without last
 * miles
 *
 * @param a - Index into `REGIONS`
 * @param b - Index into `REGIONS`
 */
export function regionRttMs (a: number, b: number): number {
  return a < b ? MEASURED_MS[b][a] : MEASURED_MS[a][b]
}
