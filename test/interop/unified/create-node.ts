import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { identify } from '@libp2p/identify'
import { passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { scoredKadDHT } from '../../../src/index.ts'
import type { Environment } from './environment.ts'
import type { ScoredKadDHT } from '../../../src/index.ts'
import type { Identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import type { Ping } from '@libp2p/ping'

export type UnifiedNode = Libp2p<{ identify: Identify, ping: Ping, dht: ScoredKadDHT }>

/**
 * The libp2p node of a role, with what all implementations of the framework have: TCP, noise
 * and yamux. The querier only asks. The values' keys begin with `/example/`.
 */
export async function createNode ({ role, redisAddress }: Environment): Promise<UnifiedNode> {
  return createLibp2p({
    addresses: { listen: [`/ip4/${await ownAddress(redisAddress)}/tcp/0`] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: scoredKadDHT({
        protocol: '/ipfs/kad/1.0.0',
        clientMode: role === 'querier',
        peerInfoMapper: passthroughMapper,
        validators: { example: async () => {} },
        selectors: { example: () => 0 }
      })
    }
  })
}

/** The address of this machine on the network that it shares with Redis, and with the other roles */
async function ownAddress (redisAddress: string): Promise<string> {
  const [host, port] = redisAddress.split(':')
  const socket = createSocket('udp4')

  try {
    // nothing is sent: this only chooses the address
    socket.connect(Number(port), host)
    await once(socket, 'connect')

    return socket.address().address
  } finally {
    socket.close()
  }
}
