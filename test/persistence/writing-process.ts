import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { ScoreWriter } from '../../src/persistence/score-writer.ts'
import { multihash, storedPeer } from '../../src/testing/stored-peers.ts'

// Started by a test with a location: opens it and, told to `write`, changes peers and
// flushes them without end, naming after each flush the last peer that is safe

const [location, task] = process.argv.slice(2)
const store = new LevelScoreStore({ location })

try {
  await store.open()
} catch (err) {
  console.error(`${err.name}: ${err.message}`)
  process.exit(1)
}

if (task === 'write') {
  const writer = new ScoreWriter<number>({ store, snapshot: storedPeer, multihashOf: multihash })

  for (let n = 0; ; n++) {
    writer.changed(n)

    if (n % 100 === 99) {
      await writer.flush()
      console.log(n)
    }
  }
}

console.log('open')
// stays open until it is told to end
process.stdin.resume()
