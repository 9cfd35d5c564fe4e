import { Resolver } from 'node:dns/promises'
import { RecordType, dns } from '@multiformats/dns'
import type { DNS } from '@multiformats/dns'
import type { DNSResolver } from '@multiformats/dns/resolvers'
import type { LookupFunction } from 'node:net'

/**
 * A name server that is asked in place of the system's
 */
export interface NameServer {
  /** For libp2p, which resolves `/dnsaddr/` itself */
  dns: DNS
  /** For `net.connect`, which resolves `/dns4/` */
  lookup: LookupFunction
}

/**
 * Ask one name server for all names
 *
 * @param address - Its IP address and port, as `127.0.0.1:53`
 */
export function nameServer (address: string): NameServer {
  const resolveText: DNSResolver = async (name, { signal } = {}) => {
    const resolver = resolverAt(address)
    const cancel = (): void => { resolver.cancel() }
    signal?.addEventListener('abort', cancel)

    try {
      const texts = await resolver.resolveTxt(name)

      return {
        Status: 0,
        TC: false,
        RD: true,
        RA: true,
        AD: false,
        CD: false,
        Question: [{ name, type: RecordType.TXT }],
        Answer: texts.map(chunks => ({ name, type: RecordType.TXT, TTL: 60, data: chunks.join('') }))
      }
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  return {
    dns: dns({ resolvers: { '.': resolveText } }),
    lookup: (name, { all }, callback) => {
      resolverAt(address).resolve4(name).then(
        addresses => {
          if (all === true) {
            callback(null, addresses.map(address => ({ address, family: 4 })))
          } else {
            callback(null, addresses[0], 4)
          }
        },
        err => { callback(err, '') }
      )
    }
  }
}

/** One for each question, as what cancels one cancels all of its questions */
function resolverAt (address: string): Resolver {
  const resolver = new Resolver()
  resolver.setServers([address])

  return resolver
}
