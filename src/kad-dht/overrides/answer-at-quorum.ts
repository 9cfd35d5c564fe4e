import type { InternalContentFetching } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/** The quorum as a share of k. Go's quorum is 16 of k = 20. kad-dht has the same number (`GET_MANY_RECORD_COUNT`), but its reads still wait for all holders. */
const QUORUM_PER_K = 0.8

/**
 * Make a read end, with its lookup, when a quorum of peers has given a value. By then a value
 * that was stored at more than a fifth of the k closest peers was seen, so the slowest
 * holders say nothing new. With fewer holders than the quorum, the read ends with its
 * lookup. Our own copy does not count.
 */
export function answerAtQuorum (getMany: InternalContentFetching['getMany'], { k, peerId }: Pick<OverrideParts, 'k' | 'peerId'>): InternalContentFetching['getMany'] {
  const quorum = Math.ceil(QUORUM_PER_K * k)

  return async function * (key, options) {
    let values = 0

    for await (const event of getMany(key, options)) {
      yield event

      if (event.name === 'VALUE' && !peerId.equals(event.from) && ++values >= quorum) {
        return
      }
    }
  }
}
