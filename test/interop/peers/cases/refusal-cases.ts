import { randomBytes } from 'node:crypto'
import all from 'it-all'
import { describe, expect, test, vi } from 'vitest'
import { BOTH } from '../../../libp2p/test-node.ts'
import { foundValue } from './found-value.ts'
import { ipnsName } from '../ipns-records.ts'
import { meet, SOON, startNode } from '../meet.ts'
import { publicKeyRecord } from './public-key-record.ts'
import { storeAt, storedAt } from '../stored-value.ts'
import { watchOutcomes } from './watch-outcomes.ts'
import type { ForeignPeer } from '../foreign-peer.ts'
import type { ForeignSuite } from '../foreign-peer-suite.ts'
import type { StoredValue } from '../stored-value.ts'
import type { TestNode } from '../../../conformance/test-network.ts'

/** Values that no server should take */
const REFUSED: Record<string, () => Promise<StoredValue>> = {
  'a value of an unknown kind': async () => ({ key: new TextEncoder().encode('/unknown/key'), value: Uint8Array.of(1) }),
  'a name\'s record that another key has signed': async () => ({ key: (await ipnsName()).key, value: await (await ipnsName()).record('/ipfs/bafkqaaa', 1) }),
  'a name\'s record that is none': async () => ({ key: (await ipnsName()).key, value: Uint8Array.from(randomBytes(100)) }),
  'a public key under another key\'s hash': async () => ({ key: (await publicKeyRecord()).key, value: (await publicKeyRecord()).value })
}

/**
 * Values that one side puts and the other does not take
 */
export function refusalCases ({ protocol, peer, validates, corrects }: ForeignSuite): void {
  describe.runIf(validates).each(Object.entries(BOTH))('refused puts of %s', (_, factory) => {
    test.each(Object.entries(REFUSED))('%s is told as refused, and the next one succeeds', async (_, make) => {
      const foreign = await peer()
      const node = await startNode(factory, protocol)
      await meet(node, foreign)
      const refused = await make()
      const name = await ipnsName()
      const accepted = { key: name.key, value: await name.record('/ipfs/bafkqaaa', 1) }
      const outcomes = watchOutcomes(node)

      expect(await put(node, foreign, refused)).toEqual({ stored: false, errors: 1 })
      expect(await foreign.holdsValue(refused.key)).toBe(false)
      expect(await put(node, foreign, accepted)).toEqual({ stored: true, errors: 0 })
      expect(outcomes()).not.toContain('protocolError')
    })

    test('an older record of a name is told as refused, and all keep the newer one', async () => {
      const foreign = await peer()
      const node = await startNode(factory, protocol)
      await meet(node, foreign)
      const { key, record } = await ipnsName()
      const [older, newer] = [await record('/ipfs/bafkqaaa', 1), await record('/ipfs/bafkqaaa', 2)]
      const outcomes = watchOutcomes(node)

      expect(await put(node, foreign, { key, value: newer })).toEqual({ stored: true, errors: 0 })
      expect(await put(node, foreign, { key, value: older })).toEqual({ stored: false, errors: 1 })
      expect((await foreign.perform({ operation: 'get-value', key, value: newer })).value).toEqual(newer)
      expect(outcomes()).not.toContain('protocolError')

      // our own store has the older one by now, and the search finds that out
      expect(await foundValue(node, key)).toEqual(newer)
    })

    test('an older record of a name is corrected where our search finds it', async () => {
      const [foreign, other] = [await peer(), await peer()]
      const node = await startNode(factory, protocol)
      await meet(node, foreign, other)
      const { key, record } = await ipnsName()
      const [older, newer] = [await record('/ipfs/bafkqaaa', 1), await record('/ipfs/bafkqaaa', 2)]
      await storeAt(foreign.multiaddrs[0], protocol, { key, value: older })
      await storeAt(other.multiaddrs[0], protocol, { key, value: newer })

      expect(await foundValue(node, key)).toEqual(newer)
      await vi.waitFor(async () => { expect(await storedAt(foreign.multiaddrs[0], protocol, key)).toEqual(newer) }, SOON)
    })

    test.runIf(corrects)('an older record of a name that we have is corrected by its search', async () => {
      const [foreign, other] = [await peer(), await peer()]
      const node = await startNode(factory, protocol)
      await meet(node, foreign, other)
      const { key, record } = await ipnsName()
      const [older, newer] = [await record('/ipfs/bafkqaaa', 1), await record('/ipfs/bafkqaaa', 2)]
      await storeAt(node.getMultiaddrs()[0], protocol, { key, value: older })
      await storeAt(other.multiaddrs[0], protocol, { key, value: newer })

      expect((await foreign.perform({ operation: 'get-value', key, value: newer })).value).toEqual(newer)
      await vi.waitFor(async () => { expect(await storedAt(node.getMultiaddrs()[0], protocol, key)).toEqual(newer) }, SOON)
    })

    test.each(Object.entries(REFUSED))('%s is refused by us, too', async (_, make) => {
      const node = await startNode(factory, protocol)
      const [address] = node.getMultiaddrs()
      const value = await make()

      await expect(storeAt(address, protocol, value)).rejects.toThrow()
      expect(await storedAt(address, protocol, value.key)).toBeUndefined()
    })

    test('an older record of a name is refused by us, though not by stock', async () => {
      const node = await startNode(factory, protocol)
      const [address] = node.getMultiaddrs()
      const { key, record } = await ipnsName()
      const [older, newer] = [await record('/ipfs/bafkqaaa', 1), await record('/ipfs/bafkqaaa', 2)]

      await storeAt(address, protocol, { key, value: newer })
      await storeAt(address, protocol, { key, value: older }).catch(() => {})
      expect(await storedAt(address, protocol, key)).toEqual(factory === BOTH.kadDHT ? older : newer)
    })
  })
}

/** What a put tells of a peer */
async function put (node: TestNode, peer: ForeignPeer, { key, value }: StoredValue): Promise<{ stored: boolean, errors: number }> {
  const events = (await all(node.services.dht.put(key, value))).filter(event => 'from' in event && event.from.equals(peer.id))

  return {
    stored: events.some(event => event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE'),
    errors: events.filter(event => event.name === 'QUERY_ERROR').length
  }
}
