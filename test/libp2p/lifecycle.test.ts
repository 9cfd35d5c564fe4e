import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { LevelScoreStore } from '../../src/persistence/level-score-store.ts'
import { scoredKadDHT } from '../../src/service.ts'
import { PROTOCOL, testInit } from '../conformance/test-network.ts'
import { temporaryDirectory } from '../persistence/temporary-directory.ts'
import { countingTCP } from './counting-tcp.ts'
import { fillStore, knownPeer, sizeOfStore } from './filled-store.ts'
import { lonelyNode } from './lonely-node.ts'
import type { KadDHTInternals } from '../../src/kad-dht/internals.ts'
import type { ScoringInit } from '../../src/libp2p/scoring-init.ts'
import type { ScoredKadDHT } from '../../src/service.ts'
import type { Startable } from '@libp2p/interface'

type StartableDHT = KadDHTInternals & ScoredKadDHT & Startable

const PEERS = 5

describe('A scored DHT', () => {
  test('is stopped, and its store unlocked, on a node of which another service fails to start', async () => {
    const location = await temporaryDirectory()
    await fillStore({ location }, PEERS)
    let dht: StartableDHT | undefined

    await expect(createLibp2p({
      services: {
        identify: identify(),
        ping: ping(),
        dht: components => {
          dht = scoredKadDHT({ ...testInit({ clientMode: true }), scoring: { location } })(components) as StartableDHT

          return dht
        },
        faulty: (): Startable => ({
          start: async () => { throw new Error('out of order') },
          stop: () => {}
        })
      }
    })).rejects.toThrow('out of order')

    expect(dht?.isStarted()).to.equal(false)
    expect(await sizeOfStore({ location })).to.equal(PEERS)
    await new Promise(resolve => { setTimeout(resolve, 300) })
    expect(dht?.isStarted(), 'nor does it start later').to.equal(false)
    expect(await sizeOfStore({ location })).to.equal(PEERS)
  })

  test('is stopped when it is stopped during its start', async () => {
    const location = await temporaryDirectory()
    await fillStore({ location }, PEERS)
    const dht = await unstarted({ location })

    for (const ticks of [0, 1, 2, 3, 5, 10, 20, 50, 100, 200]) {
      const started = dht.start()
      await ticksOf(ticks)
      await dht.stop()
      await started

      expect(dht.isStarted(), `${ticks} ticks`).to.equal(false)
      expect(await sizeOfStore({ location })).to.equal(PEERS)
    }
  })

  test('starts once when it is started twice at once', async () => {
    const location = await temporaryDirectory()
    await fillStore({ location }, PEERS)
    const errors: string[] = []
    const dht = await unstarted({ location }, errors)
    await Promise.all([dht.start(), dht.start(), dht.start()])

    expect(dht.isStarted()).to.equal(true)
    expect(dht.scores.size).to.equal(PEERS)
    expect(errors).to.deep.equal([])
    await Promise.all([dht.stop(), dht.stop()])
    await dht.stop()
    expect(dht.isStarted()).to.equal(false)
    expect(await sizeOfStore({ location })).to.equal(PEERS)
  })

  test('does what it was told last', async () => {
    const location = await temporaryDirectory()
    await fillStore({ location }, PEERS)
    const errors: string[] = []
    const dht = await unstarted({ location }, errors)

    await Promise.all([dht.start(), dht.stop(), dht.start(), dht.stop(), dht.start()])
    expect(dht.isStarted()).to.equal(true)
    expect(dht.scores.size).to.equal(PEERS)
    await Promise.all([dht.stop(), dht.start(), dht.stop()])
    expect(dht.isStarted()).to.equal(false)
    expect(await sizeOfStore({ location })).to.equal(PEERS)
    expect(errors).to.deep.equal([])
  })

  test('starts after a start that failed', async () => {
    const location = join(await temporaryDirectory(), 'scores')
    await writeFile(location, '')
    const dht = await unstarted({ location, strictStore: true })
    const [first, second] = await Promise.allSettled([dht.start(), dht.start()])

    expect(first).to.have.nested.property('reason.name', 'ScoreStoreError')
    expect(second, 'both are told').to.have.nested.property('reason.name', 'ScoreStoreError')
    expect(dht.isStarted()).to.equal(false)
    await dht.stop()
    await rm(location)
    await dht.start()
    expect(dht.isStarted()).to.equal(true)
    await dht.stop()
  })

  test('starts after kad-dht itself could not', async () => {
    const location = await temporaryDirectory()
    await fillStore({ location }, PEERS)
    const dht = await unstarted({ location })
    // the topology listener
    const { registrar } = Reflect.get(dht, 'components')
    const { register } = registrar
    registrar.register = async () => { throw new Error('out of order') }

    await expect(dht.start()).rejects.toThrow('out of order')
    expect(dht.isStarted()).to.equal(false)
    expect(await sizeOfStore({ location })).to.equal(PEERS)
    registrar.register = register
    await dht.start()
    expect(dht.isStarted()).to.equal(true)
    await dht.stop()
  })

  test('does nothing about peers that it knew when it was stopped before its start was over', async () => {
    const level = new MemoryLevel<string, string>()
    const store = new LevelScoreStore({ db: level, prefix: PROTOCOL })
    await store.open()
    await store.write({ put: [{ ...knownPeer(1), addresses: [{ multiaddr: multiaddr('/ip4/127.0.0.1/tcp/9').bytes, reliability: 1 }] }], delete: [] })
    await store.close()
    const dials: string[] = []
    const node = await lonelyNode({ level }, {
      start: false,
      options: { transports: [countingTCP(dials)], connectionEncrypters: [noise()], streamMuxers: [yamux()] }
    })
    const dht = node.services.dht as StartableDHT
    const { start, stop, afterStart } = dht
    // the node starts without it
    Object.assign(dht, { start: () => {}, stop: () => {}, afterStart: () => {} })
    await node.start()

    await start()
    await stop()
    await afterStart?.()
    await ticksOf(100)
    expect(dials).to.deep.equal([])
    expect(await node.peerStore.all()).to.deep.equal([])

    await start()
    await afterStart?.()
    await expect.poll(() => dials.length, { timeout: 10_000 }).to.be.above(0)
    await stop()
  })
})

/** A DHT that libp2p has made and not yet started */
async function unstarted (scoring: ScoringInit, errors: string[] = []): Promise<StartableDHT> {
  return (await lonelyNode(scoring, { start: false, errors })).services.dht as StartableDHT
}

async function ticksOf (count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) {
    await new Promise(resolve => { setImmediate(resolve) })
  }
}
