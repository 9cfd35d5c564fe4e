import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { kadDHT } from '@libp2p/kad-dht'
import all from 'it-all'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { ScoreStoreError } from '../../src/persistence/score-store-error.ts'
import { TestNetwork } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { errorsTo } from './errors-to.ts'
import { scoresOf } from './scores-of.ts'
import { scored } from './test-node.ts'
import type { StoredPeer } from '../../src/persistence/score-store.ts'

const SERVERS = 5

const FLUSH_INTERVAL_MS = 300

/** For a flush to reach the disk on a busy machine, ms */
const WRITE_MS = 700

/** What the child prints: when each score changed, ms since the epoch */
interface Line {
  at: number
  updatedAt: Record<string, number>
}

describe('A node whose process is killed in the middle of a run', () => {
  let network: TestNetwork
  let location: string

  beforeEach(async () => {
    network = new TestNetwork(kadDHT)
    onTestFinished(async () => { await network.stop() })
    location = await temporaryDirectory()
    await network.start(SERVERS)
  })

  test('loses no more than the changes of one flush interval', async () => {
    const { lines, kill } = runningNode(location, network)
    await expect.poll(() => lines.length > 0 && lines[lines.length - 1].at - lines[0].at > 2_500, { timeout: 30_000 }).to.equal(true)
    const killedAt = Date.now()
    await kill()

    const onDisk = new Map((await stored(location)).map(peer => [new TextDecoder('latin1').decode(peer.peer), peer.score?.updatedAt ?? 0]))
    const safeUntil = killedAt - FLUSH_INTERVAL_MS - WRITE_MS
    const safe = new Map<string, number>()

    for (const { updatedAt } of lines) {
      for (const [peer, time] of Object.entries(updatedAt)) {
        if (time <= safeUntil) {
          safe.set(peer, Math.max(time, safe.get(peer) ?? 0))
        }
      }
    }

    expect(safe.size, 'peers whose score had changed a flush interval ago').to.equal(SERVERS)

    for (const { peerId } of network.servers) {
      const multihash = new TextDecoder('latin1').decode(peerId.toMultihash().bytes)
      expect(onDisk.get(multihash), peerId.toString()).to.be.at.least(safe.get(peerId.toString()) ?? NaN)
    }
  })

  test('starts again, and a byte that changed on disk costs one peer and one warning', async () => {
    const { lines, kill } = runningNode(location, network)
    await expect.poll(() => lines.length > 0 && lines[lines.length - 1].at - lines[0].at > FLUSH_INTERVAL_MS + WRITE_MS, { timeout: 30_000 }).to.equal(true)
    await kill()

    const first = await network.createNode({ clientMode: true }, {}, scored({ location }))
    const known = scoresOf(first).size
    await first.stop()
    expect(known).to.equal(SERVERS)

    const [{ peer }] = await stored(location)
    await flipByteAfter(location, peer)
    const warnings: string[] = []
    const second = await network.createNode({ clientMode: true }, { logger: errorsTo(warnings) }, scored({ location }))

    expect(scoresOf(second).size).to.equal(SERVERS - 1)
    const lost = warnings.filter(warning => warning.includes('is lost'))
    expect(lost.length, lost.join()).to.equal(1)
    expect(lost[0]).to.match(/^score of \S+ is lost: damaged$/)
  })

  test('has had its store for itself: a second one that insists on it gets one clear line', async () => {
    const { lines, kill } = runningNode(location, network)
    await expect.poll(() => lines.length, { timeout: 30_000 }).to.be.above(0)
    const error = await network.createNode({ clientMode: true }, {}, scored({ location, strictStore: true })).then(() => undefined, (err: Error) => err)
    await kill()

    expect(error).to.be.instanceOf(ScoreStoreError)
    expect(error?.message).to.equal(`score store at ${location} is in use by another process, or by another node in this one; stop that one or give another location`)
  })
})

/** A node in a process of its own that looks up keys until it is killed */
function runningNode (location: string, network: TestNetwork): { lines: Line[], kill: () => Promise<void> } {
  const addresses = network.servers.map(server => server.getMultiaddrs()[0].toString())
  const child = spawn(process.execPath, [join(import.meta.dirname, 'scored-process.ts'), location, String(FLUSH_INTERVAL_MS), ...addresses], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  createInterface({ input: child.stdout }).on('line', line => { lines.push(JSON.parse(line)) })
  const ended = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)

  return { lines, kill }
}

async function stored (location: string): Promise<StoredPeer[]> {
  const store = new LevelScoreStore({ location })
  await store.open()

  try {
    return await all(store.load(({ key, reason }) => { throw new Error(`${key} is ${reason}`) }))
  } finally {
    await store.close()
  }
}

/** Change a byte of the entry that a table file of LevelDB has under this key */
async function flipByteAfter (location: string, key: Uint8Array): Promise<void> {
  let flipped = 0

  for (const name of await readdir(location)) {
    if (name.endsWith('.ldb')) {
      const bytes = await readFile(join(location, name))
      const at = bytes.indexOf(key)

      if (at !== -1) {
        // behind the key's own trailer of eight bytes, in the middle of the score
        bytes[at + key.length + 8 + 10] ^= 1
        await writeFile(join(location, name), bytes)
        flipped++
      }
    }
  }

  expect(flipped, 'files with the entry').to.be.above(0)
}
