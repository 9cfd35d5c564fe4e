import { FullTableClient } from '../clients/full-table/full-table-client.ts'
import type { SimulationState } from '../simulation.ts'

/**
 * The cost of the crawls of `full-table`, over all of its clients. The results of the
 * operations do not contain it.
 */
export interface CrawlCost {
  crawls: number
  crawlMessages: number
  crawlDials: number
}

/**
 * The cost of all crawls up to one moment of a run, or undefined when no client crawls
 */
export function crawlCost ({ clients }: Pick<SimulationState, 'clients'>): CrawlCost | undefined {
  const crawlers = (clients.get('full-table') ?? []).flatMap(({ client }) => client instanceof FullTableClient ? [client] : [])
  const sum = (of: (crawler: FullTableClient) => number): number => crawlers.reduce((total, crawler) => total + of(crawler), 0)

  return crawlers.length === 0
    ? undefined
    : { crawls: sum(({ crawls }) => crawls), crawlMessages: sum(({ crawlMessages }) => crawlMessages), crawlDials: sum(({ crawlDials }) => crawlDials) }
}

/**
 * For readers of the results of `full-table`: a sentence about its crawls, or none when
 * there were no crawls
 *
 * @param runs - The runs that the results come from, each with the number of operations that `full-table` carried out in it
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
