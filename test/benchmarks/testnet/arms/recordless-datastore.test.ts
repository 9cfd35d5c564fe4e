import { Key } from 'interface-datastore'
import { expect, test } from 'vitest'
import { RecordlessDatastore } from '../../../../benchmarks/testnet/arms/recordless-datastore.ts'

const VALUE = Uint8Array.of(1)

test('keeps no record of the DHT, and all else', async () => {
  const datastore = new RecordlessDatastore()
  const kept = [new Key('/peers/a'), new Key('/dht')]
  const records = [new Key('/dht/record/abc'), new Key('/dht/provider/abc/peer')]

  for (const key of [...kept, ...records]) {
    await datastore.put(key, VALUE)
  }

  expect(await Promise.all([...kept, ...records].map(async key => datastore.has(key)))).toEqual([true, true, false, false])
})
