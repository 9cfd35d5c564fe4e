import { setTimeout as delay } from 'node:timers/promises'
import { kadDHT } from '@libp2p/kad-dht'
import drain from 'it-drain'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { Lookup } from '../../src/lookup/lookup.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { TestNetwork } from '../conformance/test-network.ts'
import { EventQueue } from '../lookup/event-queue.ts'
import { fillTable } from './fill-table.ts'
import { scriptedPeer } from './scripted-peer.ts'
import { refusingAddress, silentPort } from './silent-port.ts'
import { scored, strangerId } from './test-node.ts'
import type { LookupStep } from '../../src/index.ts'
import type { LookupPeer } from '../../src/lookup/candidate-list.ts'
import type { LookupAction, LookupEvent, LookupInit } from '../../src/lookup/lookup.ts'
import type { PeerSelector } from '../../src/selection/peer-selector.ts'
import type { PeerInfo } from '@libp2p/interface'

const SEED = 7
const LOOKUPS = 6
const K = 8
const LIVE = 24
const SLOW = 4
const SILENT = 6
const REFUSING = 6

/** Later than any soft deadline on this machine, earlier than the grace of a peer that is connected runs out */
const SLOW_MS = 1500

describe('the lookups of a real node, recorded and repeated with the same random numbers', () => {
  let steps: LookupStep[]

  beforeAll(async () => {
    steps = await recordLookups()
  })

  it('met failures, late answers, graces that ran out, exploration and probes', () => {
    const events = steps.map(({ event }) => event)
    const lateAt = (peer: string): number => events.findIndex(event => event.type === 'softDeadlinePassed' && event.peer === peer)
    const reasons = new Set(steps.flatMap(({ actions }) => actions).flatMap(action => action.type === 'query' ? [action.reason] : []))

    expect(steps.filter(({ init }) => init != null).length).toBeGreaterThanOrEqual(LOOKUPS)
    expect(events.some(({ type }) => type === 'failed')).toBe(true)
    expect(events.some((event, index) => event.type === 'responded' && lateAt(event.peer) !== -1 && lateAt(event.peer) < index)).toBe(true)
    expect(events.some(({ type }) => type === 'timerFired')).toBe(true)
    expect([...reasons]).toEqual(expect.arrayContaining(['exploit', 'explore', 'probe']))
  })

  it('decide the same when each fact is told to a fresh lookup', () => {
    const lookups = new Map<string, Lookup<string>>()
    const selector = seededSelector()
    const actions = steps.map(({ key, event, init }) => {
      if (init != null) {
        lookups.set(String(key), new Lookup({ ...init, selector }))
      }

      return lookups.get(String(key))?.advance(event)
    })

    expect(actions).toEqual(steps.map(({ actions }) => actions))
  })

  it('decide the same in simulated time, where peers are numbers', () => {
    const numbers = new Map<string, number>()
    const queue = new EventQueue<{ now: number, step: LookupStep }>()
    const lookups = new Map<string, Lookup<number>>()
    const selector = seededSelector()
    const actions: Array<Array<LookupAction<number>>> = []
    const numberOf = (peer: string): number => numbers.get(peer) ?? numbers.set(peer, numbers.size).size - 1

    steps.forEach(step => { queue.push({ now: step.event.now, step }) })

    for (let next = queue.pop(); next != null; next = queue.pop()) {
      const { key, event, init } = next.step

      if (init != null) {
        lookups.set(String(key), new Lookup(numberedInit(init, selector, numberOf)))
      }

      actions.push(lookups.get(String(key))?.advance(numberedEvent(event, numberOf)) ?? [])
    }

    expect(actions).toEqual(steps.map(({ actions }) => actions.map(action => numberedAction(action, numberOf))))
  })
})

/**
 * What a real node's lookups were told and decided, in a network of which a good part
 * is dead or slow, in the order of time
 */
async function recordLookups (): Promise<LookupStep[]> {
  const network = new TestNetwork(kadDHT)
  const steps: LookupStep[] = []
  const peers = await populate(network)
  const node = await network.createNode(
    { clientMode: true, kBucketSize: K },
    {},
    // as they are at this moment: nothing that happens later may show in them
    scored({ random: seededRandom(), onLookupStep: step => { steps.push(structuredClone(step)) } })
  )

  await node.dial(peers[0].multiaddrs)

  for (let i = 0; i < LOOKUPS; i++) {
    await drain(node.services.dht.getClosestPeers(Uint8Array.of(SEED, i)))
  }

  await network.stop()

  return steps
}
