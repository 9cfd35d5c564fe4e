import { expect, test, vi } from 'vitest'
import { waitForTable } from '../conformance/test-network.ts'
import { scriptedPeer } from './scripted-peer.ts'
import { shiftedClock } from './shifted-clock.ts'
import { countingNode, meet } from './test-node.ts'
import type { ScriptedPeer } from './scripted-peer.ts'

/** Before it, those whom the node meets by itself may be enough */
const FIRST_PAUSE_MS = 30_000

/** Several rounds of upkeep */
const ROUNDS_MS = 400

const ROUND = { flushIntervalMs: 100 }

test('a node that knows too few good peers looks up a random key half a minute after its start, and a minute later another', async () => {
  const clock = shiftedClock()
  const { server } = await nodeWithOnePeer(2)

  await pause()
  expect(server.requests).toEqual([])

  clock.advance(FIRST_PAUSE_MS)
  await vi.waitFor(() => { expect(keysAskedFor(server)).toHaveLength(1) })
  await pause()
  expect(keysAskedFor(server)).toHaveLength(1)

  clock.advance(2 * FIRST_PAUSE_MS)
  await vi.waitFor(() => { expect(keysAskedFor(server)).toHaveLength(2) })
})

test('a node that knows enough good peers looks for no more', async () => {
  const clock = shiftedClock()
  const { server } = await nodeWithOnePeer(1)

  // its one peer is good after its ping
  clock.advance(10 * FIRST_PAUSE_MS)
  await pause()

  expect(server.requests).toEqual([])
})

test('a search that nobody answers does not keep the node from stopping', async () => {
  const clock = shiftedClock()
  const { server, node } = await nodeWithOnePeer(2)
  server.script = () => undefined
  clock.advance(FIRST_PAUSE_MS)
  await vi.waitFor(() => { expect(server.requests).toHaveLength(1) })
  const startedAt = performance.now()
  await node.node.stop()

  expect(performance.now() - startedAt).toBeLessThan(3_000)
})

/** A node that is content with so many good peers, and knows one */
async function nodeWithOnePeer (minGoodPeers: number): Promise<{ server: ScriptedPeer, node: Awaited<ReturnType<typeof countingNode>> }> {
  const node = await countingNode({}, {}, { ...ROUND, minGoodPeers, parameters: { weightCap: 3 } })
  const server = await scriptedPeer()
  await meet(node, server)
  await waitForTable(node.node, 1)

  return { server, node }
}

function keysAskedFor ({ requests }: ScriptedPeer): string[] {
  return [...new Set(requests.map(({ key }) => String(key)))]
}

async function pause (): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve, ROUNDS_MS) })
}
