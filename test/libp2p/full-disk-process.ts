import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { scoredKadDHT } from '../../src/service.ts'
import { testInit } from '../conformance/test-network.ts'
import { errorsTo } from './errors-to.ts'
import { fillStore, sizeOfStore } from './filled-store.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { Libp2p } from '@libp2p/interface'

// Started by a test with an empty directory, in a namespace where it may mount: runs a node with its
// scores on a small disk that fills up, and prints how that went

const PEERS = 2_000

const [directory] = process.argv.slice(2)
const location = join(directory, 'scores')
const filler = join(directory, 'filler')
const errors: string[] = []

execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory])
await fillStore({ location }, PEERS)
const node = await createLibp2p({
  logger: errorsTo(errors),
  services: {
    identify: identify(),
    ping: ping(),
    dht: scoredKadDHT({ ...testInit({ clientMode: true, initialQuerySelfInterval: 3_600_000 }), scoring: { location, flushIntervalMs: 3_600_000 } })
  }
}) as Libp2p<{ dht: ScoredKadDHT }>
const { scores } = node.services.dht
const [{ id }] = scores.top(1)

fillDisk()
await scores.delete(id).catch(() => {})
const whenFull = errors.some(line => line.includes('the disk is full')) ? 'disk is full' : errors.join()
await node.stop()
const stopped = node.status
await node.start()
const startedWhenFull = node.status
rmSync(filler)
await node.stop()
await node.start()
await node.stop()

console.log(JSON.stringify({ whenFull, stopped, startedWhenFull, afterwards: await sizeOfStore({ location }) + 1 }))

function fillDisk (): void {
  try {
    writeFileSync(filler, new Uint8Array(4_000_000))
  } catch (err) {
    if (err.code !== 'ENOSPC') {
      throw err
    }
  }
}
