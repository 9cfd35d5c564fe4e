import { ScoredClient } from '../clients/scored/scored-client.ts'
import type { Client } from '../clients/client.ts'

/**
 * The peers in the memory of a client, each once: those with a score, and those that others
 * have named to it. A client without scores has no such memory.
 */
export function * rememberedPeers (client: Client): Generator<number> {
  if (!(client instanceof ScoredClient)) {
    return
  }

  yield * client.table.namedPeers()

  for (const [peer] of client.table.scores.entries()) {
    yield peer
  }
}
