import drain from 'it-drain'
import type { InternalContentFetching } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/** A correction that takes longer is given up, ms */
const CORRECTION_TIMEOUT_MS = 10_000

/**
 * Make a read answer before holders of stale records are corrected, each on its
 * own: with kad-dht they are corrected one after another first, and the first
 * holder that can't be reached fails the read.
 */
export function correctInBackground (sendCorrectionRecord: InternalContentFetching['sendCorrectionRecord'], { dht, log }: Pick<OverrideParts, 'dht' | 'log'>): InternalContentFetching['sendCorrectionRecord'] {
  // a generator like kad-dht's, that has nothing to tell
  return async function * (key, values, best, options) {
    const signal = AbortSignal.any([dht.queryManager.shutDownController.signal, AbortSignal.timeout(CORRECTION_TIMEOUT_MS)])

    for (const value of values) {
      drain(sendCorrectionRecord(key, [value], best, { ...options, signal }))
        .catch(err => { log('could not correct a stale record of %b - %e', key, err) })
    }
  }
}
