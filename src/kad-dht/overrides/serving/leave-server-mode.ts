import type { KadDHTInternals } from '../../internals.ts'
import type { OverrideParts } from '../../override-parts.ts'

/**
 * When the node becomes a client, end the streams on which others ask it, as Go does. In
 * kad-dht a peer that has kept its stream is still answered, and so takes the node for a
 * server: a Go peer that has just dropped it from its table takes it in again.
 */
export function leaveServerMode (setMode: KadDHTInternals['setMode'], { dht, connections }: Pick<OverrideParts, 'dht' | 'connections'>): KadDHTInternals['setMode'] {
  return async (mode, options) => {
    await setMode(mode, options)

    if (dht.getMode() === 'client') {
      connections.endServing()
    }
  }
}
