import { identify } from '@libp2p/identify'
import { passthroughMapper } from '@libp2p/kad-dht'
import { noise } from '@libp2p/noise'
import { peerIdFromMultihash } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { LevelScoreStore, scoredKadDHT } from 'libp2p-scored-routing'
import * as Digest from 'multiformats/hashes/digest'

const LOCATION = 'scores-for-life'

// does what a test asks for, and nothing by itself
class Life {
  // whether the browser has kept this page while it showed another
  cameBack = false
  #node
  #goesOn = false
  #looking = Promise.resolve()

  constructor () {
    globalThis.addEventListener('pageshow', ({ persisted }) => { this.cameBack ||= persisted })
  }

  // starts a node, and returns the ids of the peers that it restored
  async start (flushIntervalMs) {
    this.#node = await createLibp2p({
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
      services: {
        identify: identify(),
        // without a warm start the test says who is asked
        dht: scoredKadDHT({ protocol: '/bundled/kad/1.0.0', peerInfoMapper: passthroughMapper, initialQuerySelfInterval: 10, scoring: { location: LOCATION, flushIntervalMs, warmStartDials: 0 } }),
        ping: ping()
      }
    })

    return this.scores().map(({ id }) => id)
  }

  async stop () {
    this.#goesOn = false
    await this.#looking
    await this.#node.stop()
  }

  // dials these servers, looks something up, and returns the ids of the closest peers
  async lookUp (servers = []) {
    await Promise.all(servers.map(async address => this.#node.dial(multiaddr(address))))
    const found = []

    for await (const event of this.#node.services.dht.getClosestPeers(crypto.getRandomValues(new Uint8Array(32)))) {
      if (event.name === 'FINAL_PEER') {
        found.push(event.peer.id.toString())
      }
    }

    return found.sort()
  }

  // looks up one key after the other until the node is stopped
  keepLookingUp () {
    this.#goesOn = true
    this.#looking = (async () => {
      while (this.#goesOn) {
        await this.lookUp()
      }
    })()
  }

  scores () {
    return this.#node.services.dht.scores.top().map(({ id, class: name, record }) => ({ id: id.toString(), class: name, record })).sort(byId)
  }

  // what the database holds, read by a page that has no node
  async stored () {
    const store = new LevelScoreStore({ location: LOCATION })
    const unreadable = []
    const peers = []
    await store.open()

    for await (const { peer, score } of store.load(entry => { unreadable.push(entry) })) {
      peers.push({ id: peerIdFromMultihash(Digest.decode(peer)).toString(), record: score })
    }

    await store.close()

    return { peers: peers.sort(byId), unreadable }
  }
}

function byId (a, b) {
  return a.id < b.id ? -1 : 1
}

globalThis.life = new Life()
