import type { InternalContentRouting, InternalPeerRouting } from './internals.ts'

/**
 * Let the lookups of searches for a peer and for providers know that one answer may
 * be all that is needed
 */
export function markEarlyEnds (peerRouting: InternalPeerRouting, contentRouting: InternalContentRouting): void {
  // with metrics these are bound wrappers, without they are prototype methods
  const findPeer = peerRouting.findPeer.bind(peerRouting)
  const findProviders = contentRouting.findProviders.bind(contentRouting)

  peerRouting.findPeer = (id, options) => findPeer(id, { ...options, endsEarly: true })
  contentRouting.findProviders = (key, options) => findProviders(key, { ...options, endsEarly: true })
}
