import { removePrivateAddressesMapper } from '@libp2p/kad-dht'
import { KAD_DHT_DEFAULTS } from '../../parameters/kad-dht-defaults.ts'
import { requestTimeouts } from '../../parameters/request-timeouts.ts'
import { validateUpkeepParameters } from '../../parameters/upkeep-parameters.ts'
import { pingTimeoutMs } from '../../upkeep/ping-timeout-ms.ts'
import type { Clock } from '../clock.ts'
import type { ScoringOptions } from '../scoring-options.ts'
import type { PublishingOptions } from '../publish/publishing-options.ts'
import type { RequestTimeouts } from '../../parameters/request-timeouts.ts'
import type { UpkeepParameters } from '../../parameters/upkeep-parameters.ts'
import type { Logger } from '@libp2p/interface'
import type { KadDHTComponents, KadDHTInit, PeerInfoMapper } from '@libp2p/kad-dht'

/** The settings from which the parts of the service are built */
export interface ServiceSettings {
  components: KadDHTComponents
  options: ScoringOptions
  publishing: PublishingOptions
  /** The protocol of the DHT */
  protocol: string
  logPrefix: string
  metricsPrefix: string
  datastorePrefix: string | undefined
  /** Removes the addresses that peers of this DHT can't use */
  peerInfoMapper: PeerInfoMapper
  /** How long a request may take */
  timeouts: RequestTimeouts
  /** The parameters of what the node does by itself */
  upkeep: UpkeepParameters
  /** How long a ping may take, ms */
  pingTimeoutMs: number
  /** How long adding one peer to the routing table may take, ms */
  introductionTimeoutMs: number
  clock: Clock
  log: Logger
}

/**
 * The settings of the service. Where an option of kad-dht that our parts use is not given, its default is filled in.
 */
export function serviceSettings (components: KadDHTComponents, kadInit: KadDHTInit, options: ScoringOptions, publishing: PublishingOptions, clock: Clock): ServiceSettings {
  const logPrefix = kadInit.logPrefix ?? KAD_DHT_DEFAULTS.logPrefix
  const { flushIntervalMs, warmStartDials, keepAlivePeers } = options
  const upkeep = validateUpkeepParameters({ roundMs: flushIntervalMs, warmStartDials, keepAlivePeers })
  const pingTimeouts = [kadInit.pingNewContactTimeout, kadInit.pingOldContactTimeout].map(option => requestTimeouts(option))

  return {
    components,
    options,
    publishing,
    protocol: kadInit.protocol ?? KAD_DHT_DEFAULTS.protocol,
    logPrefix,
    metricsPrefix: kadInit.metricsPrefix ?? KAD_DHT_DEFAULTS.metricsPrefix,
    datastorePrefix: kadInit.datastorePrefix,
    peerInfoMapper: kadInit.peerInfoMapper ?? removePrivateAddressesMapper,
    timeouts: requestTimeouts(kadInit.networkDialTimeout),
    upkeep,
    pingTimeoutMs: pingTimeoutMs(upkeep, pingTimeouts),
    introductionTimeoutMs: kadInit.onPeerConnectTimeout ?? KAD_DHT_DEFAULTS.onPeerConnectTimeoutMs,
    clock,
    log: components.logger.forComponent(`${logPrefix}:scoring`)
  }
}
