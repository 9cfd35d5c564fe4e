import { identify } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { Libp2p } from '@libp2p/interface'

/**
 * Stock servers that a browser can dial and that know each other
 */
export class WebServers {
  readonly #nodes: Libp2p[]

  private constructor (nodes: Libp2p[]) {
    this.#nodes = nodes
  }

  static async start (count: number): Promise<WebServers> {
    const nodes: Libp2p[] = []

    for (let i = 0; i < count; i++) {
      const node = await startNode()
      await Promise.all(nodes.map(async other => node.dial(other.getMultiaddrs())))
      nodes.push(node)
    }

    return new WebServers(nodes)
  }

  /** The multiaddr of each */
  get addresses (): string[] {
    return this.#nodes.map(node => String(node.getMultiaddrs()[0]))
  }

  /** Printable peer ids, sorted */
  get ids (): string[] {
    return this.#nodes.map(({ peerId }) => peerId.toString()).sort()
  }

  async stop (): Promise<void> {
    await Promise.all(this.#nodes.map(async node => { await node.stop() }))
  }
}

async function startNode (): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ protocol: '/bundled/kad/1.0.0', clientMode: false, peerInfoMapper: passthroughMapper })
    }
  })
}
