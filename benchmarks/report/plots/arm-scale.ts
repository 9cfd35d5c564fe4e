import { ARMS } from '../results.ts'
import type { Arm } from '../results.ts'

/**
 * Okabe and Ito's palette, which people with any colour vision tell apart: warm
 * colours for kad-dht's variants, greens for other clients, blues for ours, grey for
 * the limit
 */
const COLOURS: Record<Arm, string> = {
  'kad-dht': '#d55e00',
  'kad-dht-tuned': '#e69f00',
  'go-kad-dht': '#009e73',
  'full-table': '#cc79a7',
  kadabra: '#b09a00',
  scored: '#56b4e9',
  'scored-warm': '#0072b2',
  oracle: '#595959'
}

/**
 * The colour scale of the arms that a plot shows: an arm has the same colour in
 * every plot, and a place in the order of `ARMS`
 */
export function armScale (shown: Iterable<Arm>): { domain: Arm[], range: string[] } {
  const arms = new Set(shown)
  const domain = ARMS.filter(arm => arms.has(arm))

  return { domain, range: domain.map(arm => COLOURS[arm]) }
}
