import { FullTableClient } from '../clients/full-table/full-table-client.ts'
import type { SimulationState } from '../simulation.ts'

/**
 * What the crawls of `full-table` took, over all of its clients. No operation's figures
 * contain it.
 */
export interface CrawlCost {
  crawls: number
  crawlMessages: number
  crawlDials: number
}

/**
 * What crawls have taken at one moment of a run; undefined when nobody crawls
 */
export function crawlCost ({ clients }: Pick<SimulationState, 'clients'>): CrawlCost | undefined {
  const crawlers = (clients.get('full-table') ?? []).flatMap(({ client }) => client instanceof FullTableClient ? [client] : [])
  const sum = (of: (crawler: FullTableClient) => number): number => crawlers.reduce((total, crawler) => total + of(crawler), 0)

  return crawlers.length === 0
    ? undefined
    : { crawls: sum(({ crawls }) => crawls), crawlMessages: sum(({ crawlMessages }) => crawlMessages), crawlDials: sum(({ crawlDials }) => crawlDials) }
}

/**
 * For people who read the figures of `full-table`: a sentence about its crawls, or none
 * where nobody crawled
 *
 * @param runs - Those whose figures they read, with how many operations `full-table` carried out in each
 */
export function crawlNotes (runs: ReadonlyArray<{ cost: CrawlCost | undefined, operations: number }>): string[] {
  const crawled = runs.flatMap(({ cost, operations }) => cost === undefined || operations === 0 ? [] : [{ ...cost, operations }])

  return crawled.length === 0
    ? []
    : [`Crawls of full-table: ${range(crawled.map(({ crawls }) => crawls))}, with ${range(crawled.map(({ crawls, crawlMessages }) => crawlMessages / crawls))} requests each; ${range(crawled.map(({ crawlMessages, operations }) => crawlMessages / operations))} for each of its operations, whose figures leave them out.`]
}

function range (values: readonly number[]): string {
  const ends = [Math.min(...values), Math.max(...values)].map(value => value.toLocaleString('en', { maximumFractionDigits: 0 }))

  return [...new Set(ends)].join(' to ')
}
