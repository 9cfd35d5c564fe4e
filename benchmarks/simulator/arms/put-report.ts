import type { RecordReader } from './record-reader.ts'
import type { Sample } from '../../report/results.ts'
import type { KadId } from '../../../src/keyspace/kad-id.ts'

type SampleOfPut = Omit<Sample, 'scenario'>

export interface PutReportInit {
  key: KadId
  /** Looks for the record after the return */
  reader: RecordReader
  /** Whether a node gives out a record that it was given */
  givesOut: (node: number) => boolean
  onSample: (sample: SampleOfPut) => void
}

/**
 * What comes to be known of one put: who holds the record, how the put went, and whether the
 * record is found. It is handed on once, when all of it is known.
 */
export class PutReport {
  readonly #init: PutReportInit
  readonly #holders = new Set<number>()
  #sample: SampleOfPut | undefined
  #retrieved: Sample['retrieved']

  constructor (init: PutReportInit) {
    this.#init = init
  }

  /** Nodes have come to hold the record */
  stored (nodes: readonly number[]): void {
    nodes.forEach(node => { this.#holders.add(node) })
  }

  /** The caller goes on. Nobody looks for the record of a put that failed: it counts as not found. */
  returned (failed: boolean): void {
    const { key, reader, givesOut } = this.#init
    const isHolder = (node: number): boolean => this.#holders.has(node) && givesOut(node)

    if (failed) {
      this.#read({ soon: false, later: false })
    } else {
      reader.readTwice(key, isHolder, retrieved => { this.#read(retrieved) })
    }
  }

  /** The put is over */
  ended (sample: SampleOfPut): void {
    this.#sample = sample
    this.#handOn()
  }

  #read (retrieved: Sample['retrieved']): void {
    this.#retrieved = retrieved
    this.#handOn()
  }

  #handOn (): void {
    if (this.#sample !== undefined && this.#retrieved !== undefined) {
      this.#init.onSample({ ...this.#sample, retrieved: this.#retrieved })
    }
  }
}
