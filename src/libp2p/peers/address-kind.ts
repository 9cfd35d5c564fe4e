import { isPrivate } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * What kind of address it is: its protocols without their values, and whether its host is a
 * private one. Mostly this decides whether we can dial it, and whether a mapper lets it
 * through.
 */
export function addressKind (multiaddr: Multiaddr): string {
  return `${multiaddr.getComponents().map(({ name }) => name).join('/')} ${isPrivate(multiaddr) ? 'private' : 'public'}`
}
