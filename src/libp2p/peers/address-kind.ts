import { isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * What an address is made of, without its values: its protocols, and whether its
 * host is a private one. Whether we can dial it, and whether a mapper lets it
 * through, hangs on this for the most part.
 */
export function addressKind (multiaddr: Multiaddr): string {
  return `${multiaddr.getComponents().map(({ name }) => name).join('/')} ${isPrivate(multiaddr) ? 'private' : 'public'}`
}
