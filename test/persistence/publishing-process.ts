import { PublishedKeys } from '../../src/persistence/published-keys.ts'
import { providerKey } from './published/published-keys.ts'
import type { NewKey, PublishedKey } from '../../src/persistence/published/published-key.ts'

// Started by a test with a location: opens it and, told to `add`, adds keys without end, naming
// after each batch how many are safe. Told to `store`, it reads the keys that wait and says that
// they were stored, a hundred at a time, naming how many are.

const [location, task] = process.argv.slice(2)
const keys = new PublishedKeys({ location, timeOfDay: () => Date.now() })

try {
  await keys.open()
} catch (err) {
  console.error(`${err.name}: ${err.message}`)
  process.exit(1)
}

function * endless (): Generator<NewKey> {
  for (let n = 0; ; n++) {
    yield providerKey(n)
  }
}

if (task === 'add') {
  await keys.add(endless(), { onAdded: ({ added }) => { console.log(added) } })
}

if (task === 'store') {
  let batch: PublishedKey[] = []
  let stored = 0

  for await (const key of keys.list({ onlyQueued: true })) {
    batch.push(key)

    if (batch.length === 100) {
      await keys.stored(batch)
      stored += batch.length
      batch = []
      console.log(stored)
    }
  }
}

console.log('open')
// stays open until it is told to end
process.stdin.resume()
