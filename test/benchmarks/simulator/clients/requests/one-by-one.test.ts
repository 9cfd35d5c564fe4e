import { expect, test } from 'vitest'
import { OneByOne } from '../../../../../benchmarks/simulator/clients/requests/one-by-one.ts'
import { ScoredClient } from '../../../../../benchmarks/simulator/clients/scored/scored-client.ts'
import { SmallNetwork } from '../small-network.ts'

test('provides one key after the other, and counts what is no request of a lookup as a record', () => {
  const network = new SmallNetwork({ bootstrap: [3] })
  const keys = [1, 100, 200].map(byte => ({ kadId: Uint8Array.of(byte, 0, 0, 0), holders: [] as number[] }))
  const done: unknown[] = []
  const puts = new OneByOne(new ScoredClient(network.components, { epsilon: 0 }), keys, {
    onKey: (key, stored) => { done.push([key, stored]) },
    onEnd: () => { done.push('end') }
  })

  puts.start()

  network.passUntil(() => done.at(-1) === 'end')

  expect(done).toEqual([...keys.map(key => [key, true]), 'end'])
  expect(keys.every(({ holders }) => holders.length >= 8)).toBe(true)
  expect(puts.traffic).toMatchObject({ lookups: 3, records: keys.flatMap(({ holders }) => holders).length })
  expect(puts.traffic.lookupRequests + puts.traffic.records).toBeLessThanOrEqual(network.asked.length)
})
