import type { InternalContentFetching } from '../internals.ts'
import type { OverrideParts } from '../override-parts.ts'

/** kad-dht's `GET_MANY_RECORD_COUNT` is 16 of k = 20, as Go's quorum is; its reads wait for all the same */
const QUORUM_PER_K = 0.8

/**
 * Make a read answer when so many peers have given a value that each put which
 * reached at least a fifth of the k closest was seen, and end its lookup then: the
 * slowest holders say nothing new. With fewer holders than that it answers at the end
 * of its lookup. Our own copy does not count.
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
