import { removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { KAD_DHT_DEFAULTS } from '../../parameters/kad-dht-defaults.ts'
import { requestTimeouts } from '../../parameters/request-timeouts.ts'
import type { Clock } from '../clock.ts'
import type { ScoringOptions } from '../scoring-options.ts'
import type { RequestTimeouts } from '../../parameters/request-timeouts.ts'
import type { Logger } from '@libp2p/interface'
import type { KadDHTComponents, KadDHTInit, PeerInfoMapper } from '@libp2p/kad-dht'

/** Of kad-dht's shortest time-out of a ping: ours has to pass before it, as kad-dht's can't be told from a ping that is given up */
const PING_TIMEOUT_SHARE = 0.9

/** What the parts of the service are built from: nothing here is one of them */
export interface ServiceSettings {
  components: KadDHTComponents
  options: ScoringOptions
  /** The DHT's */
  protocol: string
  logPrefix: string
  metricsPrefix: string
  datastorePrefix: string | undefined
  /** Which addresses peers of this DHT can use */
  peerInfoMapper: PeerInfoMapper
  /** How long a request may take */
  timeouts: RequestTimeouts
  /** How long a ping may take, ms */
  pingTimeoutMs: number
  /** How long adding one peer to the routing table may take, ms */
  introductionTimeoutMs: number
  clock: Clock
  log: Logger
}

/**
 * Complete kad-dht's options as far as our own parts go by them
 */
export function serviceSettings (components: KadDHTComponents, kadInit: KadDHTInit, options: ScoringOptions, clock: Clock): ServiceSettings {
  const logPrefix = kadInit.logPrefix ?? KAD_DHT_DEFAULTS.logPrefix
  const pingTimeouts = [kadInit.pingNewContactTimeout, kadInit.pingOldContactTimeout].map(option => requestTimeouts(option))

  return {
    components,
    options,
    protocol: kadInit.protocol ?? KAD_DHT_DEFAULTS.protocol,
    logPrefix,
    metricsPrefix: kadInit.metricsPrefix ?? KAD_DHT_DEFAULTS.metricsPrefix,
    datastorePrefix: kadInit.datastorePrefix,
    peerInfoMapper: kadInit.peerInfoMapper ?? removePrivateAddressesMapper,
    timeouts: requestTimeouts(kadInit.networkDialTimeout),
    pingTimeoutMs: Math.floor(PING_TIMEOUT_SHARE * Math.min(...pingTimeouts.map(({ minMs }) => minMs))),
    introductionTimeoutMs: kadInit.onPeerConnectTimeout ?? KAD_DHT_DEFAULTS.onPeerConnectTimeoutMs,
    clock,
    log: components.logger.forComponent(`${logPrefix}:scoring`)
  }
}
