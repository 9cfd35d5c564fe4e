import all from 'it-all'
import type { TestNode } from '../../../conformance/test-network.ts'

/**
 * @returns The value that a node of ours finds
 */
export async function foundValue (node: TestNode, key: Uint8Array): Promise<Uint8Array | undefined> {
  const events = await all(node.services.dht.get(key))
  const found = events.findLast(event => event.name === 'VALUE')

  // a buffer is no equal of an array of bytes
  return found === undefined ? undefined : Uint8Array.from(found.value)
}
