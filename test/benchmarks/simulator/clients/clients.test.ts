import { describe, expect, test } from 'vitest'
import { FullTableClient } from '../../../../benchmarks/simulator/clients/full-table/full-table-client.ts'
import { GoClient } from '../../../../benchmarks/simulator/clients/go/go-client.ts'
import { KadDHTClient } from '../../../../benchmarks/simulator/clients/kad-dht/kad-dht-client.ts'
import { KadabraClient } from '../../../../benchmarks/simulator/clients/kadabra/kadabra-client.ts'
import { OracleClient } from '../../../../benchmarks/simulator/clients/oracle/oracle-client.ts'
import { SmallNetwork } from './small-network.ts'
import type { Client, ClientComponents, Operation } from '../../../../benchmarks/simulator/clients/client.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

const TARGET: KadId = Uint8Array.of(1, 0, 0, 0)

const clients: Array<{ name: string, create: (components: ClientComponents) => Client }> = [
  { name: 'GoClient', create: components => new GoClient(components) },
  { name: 'GoClient that provides optimistically', create: components => new GoClient(components, { optimisticProvide: true }) },
  { name: 'KadDHTClient', create: components => new KadDHTClient(components) },
  { name: 'FullTableClient', create: components => new FullTableClient(components) },
  { name: 'KadabraClient', create: components => new KadabraClient(components) },
  { name: 'OracleClient', create: components => new OracleClient(components) }
]

type Start = (client: Client, report: (result: unknown) => void) => Operation

const operations: Array<{ operation: string, start: Start }> = [
  { operation: 'closestPeers', start: (client, report) => client.closestPeers(TARGET, report) },
  { operation: 'findHolder of a record that is nowhere', start: (client, report) => client.findHolder(TARGET, () => false, report) },
  { operation: 'findHolder', start: (client, report) => client.findHolder(TARGET, () => true, report) },
  { operation: 'store of a provider record', start: (client, report) => client.store(TARGET, false, report) },
  { operation: 'store of a value', start: (client, report) => client.store(TARGET, true, report) }
]

const cases = clients.flatMap(client => operations.map(operation => ({ ...client, ...operation })))

/** Three minutes after its start, two of the closest leave, and one is slow */
function given (create: (components: ClientComponents) => Client): { network: SmallNetwork, client: Client } {
  const network = new SmallNetwork({ bootstrap: [40, 50, 60] })
  const client = create(network.components)

  client.start()
  network.pass(180_000)

  const [first, second, third] = network.closest(TARGET)
  network.leave('silent', first)
  network.leave('stalls', second)
  network.habits.set(third, 'slow')

  return { network, client }
}

describe.each(cases)('$name, $operation', ({ create, start }) => {
  test('tells its result once', () => {
    const { network, client } = given(create)
    const results: unknown[] = []

    start(client, result => { results.push(result) })
    expect(results).toEqual([])

    network.pass(20 * 60_000)
    expect(results).toHaveLength(1)
  })

  test('tells nothing once it was cancelled, whenever that is', () => {
    const { network, client } = given(create)
    const results: unknown[] = []

    for (const afterMs of [0, 1, 250, 450, 1_200, 5_001]) {
      const operation = start(client, result => { results.push(result) })

      network.pass(afterMs)
      results.length = 0
      operation.cancel()
      network.pass(20_000)
      expect(results).toEqual([])
    }
  })

  test('leaves nothing to happen but what the client does anyway', () => {
    const { network, client } = given(create)
    const before = network.pending

    start(client, () => {})
    start(client, () => {}).cancel()
    // pings for its table are over by then, and nothing that is periodic is due
    network.pass(90_000)

    expect(network.pending).toBe(before)
  })

  test('takes the same course again', () => {
    const [once, again] = [1, 2].map(() => {
      const { network, client } = given(create)

      start(client, () => {})
      network.pass(60_000)

      return network.asked
    })

    expect(once).toEqual(again)
  })
})
