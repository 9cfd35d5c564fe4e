import { REGIONS } from './regions.ts'
import type { Endpoint } from './network.ts'
import type { Region } from './regions.ts'

/**
 * A client in a region
 *
 * @param lastMileMs - What its last mile adds to every round trip, ms: about 1 in a data centre, 5 to 20 at home
 */
export function endpointIn (region: Region, lastMileMs: number): Endpoint {
  return { region: REGIONS.indexOf(region), lastMileMs }
}
