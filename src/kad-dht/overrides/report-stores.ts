import { equals as uint8ArrayEquals } from 'uint8arrays/equals'
import type { InternalContentFetching, InternalContentRouting } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What is wrong with our own addresses, at which others would look for what we provide */
type AddressProblem = 'none' | 'noAddress' | 'allFiltered'

const WARNINGS = {
  noAddress: 'this node has no address, so servers will drop its provider records: listen on an address, announce one or listen on a relay',
  allFiltered: 'all of this node\'s addresses are filtered by peerInfoMapper, so nobody will find it as a provider: listen on an address that peers of this DHT can use, announce one or set another peerInfoMapper'
}

/**
 * Write to the log when a `provide` was of no use. Its caller does not learn this, because in
 * kad-dht it ends without an error. Either our records have no usable address, which
 * is logged once until it changes, or no peer was told.
 */
export function reportProvide (provide: InternalContentRouting['provide'], { peerId, peerInfoMapper, log }: Pick<OverrideParts, 'peerId' | 'peerInfoMapper' | 'log'>): InternalContentRouting['provide'] {
  let known: AddressProblem = 'none'

  function addressProblem (multiaddrs: Multiaddr[]): AddressProblem {
    if (multiaddrs.length === 0) {
      return 'noAddress'
    }

    return peerInfoMapper({ id: peerId, multiaddrs }).multiaddrs.length === 0 ? 'allFiltered' : 'none'
  }

  return async function * (key, multiaddrs, options) {
    const problem = addressProblem(multiaddrs)

    if (problem !== 'none' && problem !== known) {
      log.error(WARNINGS[problem])
    }

    known = problem
    let holders = 0

    for await (const event of provide(key, multiaddrs, options)) {
      holders += event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER' ? 1 : 0
      yield event
    }

    if (holders === 0) {
      log.error('no peer was told that we provide %c', key)
    }
  }
}

/**
 * Write to the log when no peer has stored the value of a `put`. Its caller does not learn this.
 */
export function reportPut (put: InternalContentFetching['put'], { log }: Pick<OverrideParts, 'log'>): InternalContentFetching['put'] {
  return async function * (key, value, options) {
    let holders = 0

    for await (const event of put(key, value, options)) {
      // a peer that has stored a record sends it back
      holders += event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE' && event.record !== undefined && uint8ArrayEquals(event.record.value, value) ? 1 : 0
      yield event
    }

    if (holders === 0) {
      log.error('no peer has stored the value of %b', key)
    }
  }
}
