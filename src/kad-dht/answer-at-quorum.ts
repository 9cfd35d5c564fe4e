import type { InternalContentFetching } from './internals.ts'
import type { PeerId } from '@libp2p/interface'

/** kad-dht's `GET_MANY_RECORD_COUNT` is 16 of k = 20, as Go's quorum is; its reads wait for all the same */
const QUORUM_PER_K = 0.8

/**
 * Make a read answer when so many peers have given a value that each put which
 * reached at least a fifth of the k closest was seen, and end its lookup then: the
 * slowest holders say nothing new. With fewer holders than that it answers at the end
 * of its lookup.
 *
 * @param isSelf - Whether this is our own peer: our copy does not count
 */
export function answerAtQuorum (contentFetching: InternalContentFetching, k: number, isSelf: (peer: PeerId) => boolean): void {
  const getMany = contentFetching.getMany.bind(contentFetching)
  const quorum = Math.ceil(QUORUM_PER_K * k)

  contentFetching.getMany = async function * (key, options) {
    let values = 0

    for await (const event of getMany(key, options)) {
      yield event

      if (event.name === 'VALUE' && !isSelf(event.from) && ++values >= quorum) {
        return
      }
    }
  }
}
