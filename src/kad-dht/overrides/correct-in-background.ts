import drain from 'it-drain'
import type { InternalContentFetching } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/** A correction that takes longer is given up, ms */
const CORRECTION_TIMEOUT_MS = 10_000

/**
 * Make a read answer without waiting for the correction of holders of stale records. The
 * corrections run in the background. In kad-dht they come first, one after another, and the
 * read fails when one holder can't be reached.
 */
export function correctInBackground (sendCorrectionRecord: InternalContentFetching['sendCorrectionRecord'], { dht, log }: Pick<OverrideParts, 'dht' | 'log'>): InternalContentFetching['sendCorrectionRecord'] {
  // a generator because kad-dht's method is one; it yields no events
  return async function * (key, values, best, options) {
    const signal = AbortSignal.any([dht.queryManager.shutDownController.signal, AbortSignal.timeout(CORRECTION_TIMEOUT_MS)])

    for (const value of values) {
      drain(sendCorrectionRecord(key, [value], best, { ...options, signal }))
        .catch(err => { log('could not correct a stale record of %b - %e', key, err) })
    }
  }
}
