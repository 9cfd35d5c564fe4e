import { describe, expect, test } from 'vitest'
import { ArmClient } from '../../../../benchmarks/simulator/arms/arm-client.ts'
import { FullTableClient } from '../../../../benchmarks/simulator/clients/full-table/full-table-client.ts'
import { OracleClient } from '../../../../benchmarks/simulator/clients/oracle/oracle-client.ts'
import { crawlCost, crawlNotes } from '../../../../benchmarks/simulator/measures/crawl-cost.ts'
import { SmallNetwork } from '../clients/small-network.ts'
import type { Client } from '../../../../benchmarks/simulator/clients/client.ts'
import type { SimulatedArm } from '../../../../benchmarks/simulator/simulation-options.ts'

const OPERATIONS = 200

function armClient (arm: SimulatedArm, client: Client, { components: { connections, clock } }: SmallNetwork): ArmClient {
  return new ArmClient({ arm, client, connections, clock, restart: before => before })
}

describe('crawlCost', () => {
  test('adds the crawls of all clients up', () => {
    const network = new SmallNetwork()
    const crawlers = [1, 2].map(() => new FullTableClient(network.components))

    crawlers.forEach(client => { client.start() })
    network.leave('silent', 0, 1, 2, 3)
    network.pass(3_600_000)

    expect(crawlCost({ clients: new Map([['full-table', crawlers.map(client => armClient('full-table', client, network))]]) }))
      .toEqual({ crawls: 4, crawlMessages: 2 * (64 + 60) * 16, crawlDials: 2 * (64 + 60) })
  })

  test('is of nobody where nobody crawls', () => {
    const network = new SmallNetwork()

    expect(crawlCost({ clients: new Map([['oracle', [armClient('oracle', new OracleClient(network.components), network)]]]) })).toBeUndefined()
  })
})

describe('crawlNotes', () => {
  test('tells the requests of a crawl, and how many there were for each operation', () => {
    expect(crawlNotes([{ cost: { crawls: 20, crawlMessages: 2_963_200, crawlDials: 185_200 }, operations: OPERATIONS }]))
      .toEqual(['Crawls of full-table: 20, with 148,160 requests each; 14,816 for each of its operations, whose figures leave them out.'])
  })

  test('tells the range of several runs', () => {
    expect(crawlNotes([
      { cost: { crawls: 20, crawlMessages: 200_000, crawlDials: 1 }, operations: OPERATIONS },
      { cost: undefined, operations: OPERATIONS },
      { cost: { crawls: 10, crawlMessages: 600_000, crawlDials: 1 }, operations: OPERATIONS }
    ])).toEqual(['Crawls of full-table: 10 to 20, with 10,000 to 60,000 requests each; 1,000 to 3,000 for each of its operations, whose figures leave them out.'])
  })

  test('says nothing where nobody crawled', () => {
    expect(crawlNotes([{ cost: undefined, operations: OPERATIONS }])).toEqual([])
  })
})
