import { isPut } from '../../report/is-put.ts'
import { TUNED_CONNECTION_MANAGER, TUNED_DHT_OPTIONS } from '../../live/tuned-options.ts'
import { FullTableClient } from '../clients/full-table/full-table-client.ts'
import { GoClient } from '../clients/go/go-client.ts'
import { GO_LIMITS_2025, GO_LIMITS_ON_LOOPBACK } from '../clients/go/go-limits.ts'
import { KadDHTClient } from '../clients/kad-dht/kad-dht-client.ts'
import { KadabraClient } from '../clients/kadabra/kadabra-client.ts'
import { OracleClient } from '../clients/oracle/oracle-client.ts'
import { KeptPeers } from '../clients/kept-peers.ts'
import { ScoredClient } from '../clients/scored/scored-client.ts'
import { ArmClient } from './arm-client.ts'
import { clientComponents, readerComponents } from './client-components.ts'
import { INSTRUMENTS } from './instrument.ts'
import { RecordReader } from './record-reader.ts'
import type { Client, ClientComponents } from '../clients/client.ts'
import type { GoLimits } from '../clients/go/go-limits.ts'
import type { SimulatedArm } from '../simulation-options.ts'
import type { ArmInit } from './client-components.ts'

/**
 * Make a client of an arm. It is ready to start and has a clock of its own.
 */
export function createArm (arm: SimulatedArm, init: ArmInit): ArmClient {
  const { options, world } = init
  const instrument = options.instrument === undefined ? undefined : INSTRUMENTS[options.instrument]
  const components = clientComponents(arm, init)
  const { clock, connections } = components

  const create = (kept?: KeptPeers): Client => createClient(arm, components, options.epsilon, instrument?.limits ?? (options.testnet === undefined ? GO_LIMITS_2025 : GO_LIMITS_ON_LOOPBACK), kept)

  return new ArmClient({
    arm,
    client: create(),
    connections,
    clock,
    restart: before => create(before instanceof ScoredClient ? new KeptPeers(before.table, peer => world.population.kadId(peer)) : undefined),
    ...(options.operations.some(isPut) ? { reader: new RecordReader(new KadDHTClient(readerComponents(init, clock)), clock) } : {})
  })
}

function createClient (arm: SimulatedArm, components: ClientComponents, epsilon: number, limits: GoLimits, kept: KeptPeers | undefined): Client {
  switch (arm) {
    case 'kad-dht':
      return new KadDHTClient(components)
    case 'kad-dht-tuned':
      return new KadDHTClient(components, {
        timeout: { minTimeoutMs: TUNED_DHT_OPTIONS.networkDialTimeout?.minTimeout, maxTimeoutMs: TUNED_DHT_OPTIONS.networkDialTimeout?.maxTimeout },
        addressDialTimeoutMs: TUNED_CONNECTION_MANAGER?.addressDialTimeout
      })
    case 'go-kad-dht':
    case 'go-optimistic':
      return new GoClient(components, { limits, optimisticProvide: arm === 'go-optimistic' })
    case 'full-table':
      return new FullTableClient(components, { limits })
    case 'kadabra':
      return new KadabraClient(components, { limits })
    case 'scored':
    case 'scored-warm':
      return new ScoredClient(components, { epsilon, kept })
    case 'oracle':
    case 'oracle-tcp':
      return new OracleClient(components)
    default:
      return arm satisfies never
  }
}
