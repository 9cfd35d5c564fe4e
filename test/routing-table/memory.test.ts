import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { PeerScores } from '../../src/routing-table/peer-scores.ts'
import { validateScoreParameters } from '../../src/parameters/score-parameters.ts'

const PEERS = 50
const CHANGES = 20_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test.each([
  ['few peers', 1000],
  ['as many peers as are remembered', PEERS]
])('keeps nothing of the records that were replaced (%s)', async (_, maxPeers) => {
  const scores = new PeerScores<number>({ parameters: validateScoreParameters({ maxPeers }) })
  const replaced: Array<WeakRef<object>> = []

  // once more than are remembered, so that one is evicted
  for (let change = 0; change <= CHANGES; change++) {
    const peer = change === PEERS ? PEERS : change % PEERS
    scores.record(peer, { type: 'responded', latencyMs: 10, setupMs: 0, dialled: false }, change)
    replaced.push(new WeakRef(scores.get(peer) ?? {}))
  }

  // what a WeakRef was made of lives until the end of the job
  await new Promise(resolve => { setImmediate(resolve) })
  collectGarbage()

  // the outage detector keeps records of before too, of failures only
  expect(replaced.filter(record => record.deref() !== undefined).length).toBeLessThan(3 * PEERS)
  // which keeps them until here
  expect(scores.size).toBe(Math.min(PEERS + 1, maxPeers))
})
