import { ARMS } from '../results.ts'
import type { Arm } from '../results.ts'

/**
 * The palette of Okabe and Ito. People with any colour vision can tell its colours apart.
 * kad-dht's variants have warm colours, other clients greens, our arms blues, and the
 * limit is grey.
 */
const COLOURS: Record<Arm, string> = {
  'kad-dht': '#d55e00',
  'kad-dht-tuned': '#e69f00',
  'go-kad-dht': '#009e73',
  'go-optimistic': '#00624a',
  'full-table': '#cc79a7',
  kadabra: '#b09a00',
  scored: '#56b4e9',
  'scored-warm': '#0072b2',
  oracle: '#595959',
  'oracle-tcp': '#8c8c8c'
}

/**
 * The colour scale of the arms in a plot. An arm has the same colour in every plot, and
 * arms are in the order of `ARMS`.
 */
export function armScale (shown: Iterable<Arm>): { domain: Arm[], range: string[] } {
  const arms = new Set(shown)
  const domain = ARMS.filter(arm => arms.has(arm))

  return { domain, range: domain.map(arm => COLOURS[arm]) }
}
