import { REGIONS } from '../../../../benchmarks/simulator/world/regions.ts'
import type { Endpoint } from '../../../../benchmarks/simulator/world/network.ts'
import type { Region } from '../../../../benchmarks/simulator/world/regions.ts'

/**
 * A client in a region
 *
 * @param lastMileMs - What its last mile adds to every round trip, ms: about 1 in a data centre, 5 to 20 at home
 */
export function endpointIn (region: Region, lastMileMs: number): Endpoint {
  return { region: REGIONS.indexOf(region), lastMileMs }
}
