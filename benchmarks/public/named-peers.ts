import type { Libp2p, PeerInfo } from '@libp2p/interface'
import type { PeerInfoMapper } from '@libp2p/kad-dht'

/** The ways in which a peer can be out of reach. Each has the words for it. */
export const OBSTACLES = {
  noAddress: 'were named without an address',
  private: 'tell private addresses only',
  relayed: 'are behind relays only',
  transport: 'speak other transports only, such as QUIC and WebTransport'
} as const

/** Whether a peer can be dialled from here, or what is in the way */
export type Reach = 'dialable' | keyof typeof OBSTACLES

export type NamedPeersComponents = Pick<Libp2p, 'isDialable'>

/** How many addresses of one peer are kept */
const MAX_ADDRESSES = 64

/**
 * The peers that answers have named to a node, with all the addresses that were told of them
 */
export class NamedPeers {
  readonly #addresses = new Map<string, PeerInfo>()

  hear ({ id, multiaddrs }: PeerInfo): void {
    const known = this.#addresses.get(id.toString())
    const all = new Map([...known?.multiaddrs ?? [], ...multiaddrs].map(address => [address.toString(), address]))

    this.#addresses.set(id.toString(), { id, multiaddrs: [...all.values()].slice(0, MAX_ADDRESSES) })
  }

  /**
   * @param peerInfoMapper - Removes the addresses that the node does not dial
   * @returns For each peer, by its printable id, whether it can be dialled
   */
  async reach (node: NamedPeersComponents, peerInfoMapper: PeerInfoMapper): Promise<Array<[string, Reach]>> {
    const reach: Array<[string, Reach]> = []

    // one by one, as some addresses have to be resolved
    for (const [peer, info] of this.#addresses) {
      reach.push([peer, await reachOf(info, node, peerInfoMapper)])
    }

    return reach
  }
}

async function reachOf (info: PeerInfo, node: NamedPeersComponents, peerInfoMapper: PeerInfoMapper): Promise<Reach> {
  if (info.multiaddrs.length === 0) {
    return 'noAddress'
  }

  const { multiaddrs } = peerInfoMapper(info)

  if (multiaddrs.length === 0) {
    return 'private'
  }

  for (const address of multiaddrs) {
    if (await node.isDialable(address)) {
      return 'dialable'
    }
  }

  return multiaddrs.every(address => address.getComponents().some(({ name }) => name === 'p2p-circuit')) ? 'relayed' : 'transport'
}
