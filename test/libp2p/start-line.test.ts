import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identify } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { scoredKadDHT } from '../../src/service.ts'
import { PROTOCOL, testInit } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { errorsTo } from './errors-to.ts'
import { fillStore } from './filled-store.ts'
import { lonelyNode } from './lonely-node.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { ComponentLogger } from '@libp2p/interface'

const PEERS = 5

describe('the log of a node that starts', () => {
  test('says once that the DHT is ours, with the protocol, the mode, the store and how many scores came from it', async () => {
    const location = await temporaryDirectory()
    await fillStore({ location }, PEERS)
    const info: string[] = []
    const node = await lonelyNode({ location }, { info })

    expect(startLines(info)).toEqual([`scoredKadDHT started on ${PROTOCOL} in client mode, with ${PEERS} scores from score store at ${location}`])

    await node.stop()
    expect(startLines(info)).toHaveLength(1)
    await node.start()
    expect(startLines(info), 'once for each start').toHaveLength(2)
  })

  test('tells of no scores where their store can\'t be used, after the error', async () => {
    const location = join(await temporaryDirectory(), 'scores')
    await writeFile(location, '')
    const lines: string[] = []
    await lonelyNode({ location }, { errors: lines, info: lines })
    const error = lines.findIndex(line => line.includes('Until it can be used scores are kept in memory only'))

    expect(error).toBeGreaterThanOrEqual(0)
    expect(lines.findIndex(line => line.startsWith(`scoredKadDHT started on ${PROTOCOL} in client mode, with 0 scores from`))).toBeGreaterThan(error)
  })

  test('says nothing once the DHT is to be stopped, wherever its start is', async () => {
    const info: string[] = []
    const node = await lonelyNode({}, { start: false, info })
    const dht = node.services.dht as ScoredKadDHT & { start (): Promise<void>, stop (): Promise<void> }
    let turns = 0

    for (let isStarted = false; !isStarted; turns++) {
      info.length = 0
      const started = dht.start()

      for (let turn = 0; turn < turns; turn++) {
        await Promise.resolve()
      }

      const said = startLines(info).length
      await dht.stop()
      await started
      expect(startLines(info), `stopped after ${turns} turns`).toHaveLength(said)
      isStarted = said > 0
    }

    expect(turns).toBeGreaterThan(10)
  })

  test('has a line of each of two DHTs, each under its own name', async () => {
    const lines = new Map<string, string[]>()
    const node = await createLibp2p({
      logger: namedLogger(lines),
      services: {
        identify: identify(),
        ping: ping(),
        dht: scoredKadDHT(testInit({ clientMode: false })),
        lanDHT: scoredKadDHT({ ...testInit({ protocol: '/test/lan/kad/1.0.0', clientMode: true }), logPrefix: 'libp2p:lan', metricsPrefix: 'lan', datastorePrefix: '/lan' })
      }
    })
    onTestFinished(async () => { await node.stop() })

    expect(startLines(lines.get('libp2p:kad-dht:scoring'))).toEqual([
      `scoredKadDHT started on ${PROTOCOL} in server mode, with 0 scores from score store at /dht/peer-scores${PROTOCOL} in the node's datastore`
    ])
    expect(startLines(lines.get('libp2p:lan:scoring'))).toEqual([
      'scoredKadDHT started on /test/lan/kad/1.0.0 in client mode, with 0 scores from score store at /lan/peer-scores/test/lan/kad/1.0.0 in the node\'s datastore'
    ])
  })
})

function startLines (lines: string[] = []): string[] {
  return lines.filter(line => line.startsWith('scoredKadDHT'))
}

/** Keeps the lines that are no errors by the name of the component that wrote them */
function namedLogger (lines: Map<string, string[]>): ComponentLogger {
  return {
    forComponent: name => {
      const own = lines.get(name) ?? []
      lines.set(name, own)

      return errorsTo([], own).forComponent(name)
    }
  }
}
