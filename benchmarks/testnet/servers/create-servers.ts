import { goPeers } from '../../foreign/go-peers.ts'
import { GoServer } from './go-server.ts'
import { JsServer } from './js-server.ts'
import type { CreateServer } from '../testnet-network.ts'
import type { TestnetOptions } from '../testnet-options.ts'

/**
 * What makes the servers of a testnet, of the implementation that its options ask for
 *
 * @throws {Error} Their program is not built
 */
export function createServers ({ peers, k }: Pick<TestnetOptions, 'peers' | 'k'>): CreateServer {
  switch (peers) {
    case 'js':
      return (peer, random) => new JsServer(peer, { k, random })
    case 'go': {
      const program = goPeers('the Go servers')

      return peer => new GoServer(peer, program, k)
    }
    default:
      return peers satisfies never
  }
}
