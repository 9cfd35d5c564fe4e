import { kadDHT } from '@libp2p/kad-dht'
import drain from 'it-drain'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, onTestFinished, test } from 'vitest'
import { Lookup } from '../../src/lookup/lookup.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { TestNetwork } from '../conformance/test-network.ts'
import { EventQueue } from '../lookup/event-queue.ts'
import { partlyDeadPeers } from './partly-dead-peers.ts'
import { scored } from './test-node.ts'
import type { LookupStep } from '../../src/index.ts'
import type { LookupPeer } from '../../src/lookup/candidate-list.ts'
import type { LookupAction, LookupEvent, LookupInit } from '../../src/lookup/lookup.ts'
import type { PeerSelector } from '../../src/selection/peer-selector.ts'

const SEED = 7
/** So many, and on until all that can happen has: what is late depends on this machine */
const LOOKUPS = { min: 6, max: 24 }
const KINDS = ['failure', 'late peer', 'late answer', 'grace', 'exploit', 'explore', 'probe']
const K = 8
const PEERS = { live: 24, slow: 4, silent: 6, refusing: 6 }

/** Another handle for the same peer */
type NumberOf = (peer: string) => number

test('decides the same again: told to fresh lookups, and in simulated time with numbers for peers', async () => {
  const steps = await recordLookups()

  expect(steps.filter(({ init }) => init !== undefined).length).toBeGreaterThanOrEqual(LOOKUPS.min)
  expect([...kindsOf(steps)]).toEqual(expect.arrayContaining(KINDS))
  expect(repeated(steps)).toEqual(steps.map(({ actions }) => actions))

  const numbers = new Map<string, number>()
  const numberOf = (peer: string): number => numbers.get(peer) ?? numbers.set(peer, numbers.size).size - 1

  expect(simulated(steps, numberOf)).toEqual(steps.map(({ actions }) => actions.map(action => numberedAction(action, numberOf))))
})

/** What the lookups met, so that the test is known to see it */
function kindsOf (steps: LookupStep[]): Set<string> {
  const kinds = new Set<string>()

  for (const lookup of lookupsOf(steps)) {
    const late = new Set<string>()

    for (const { event, actions } of lookup) {
      if (event.type === 'failed') {
        kinds.add('failure')
      } else if (event.type === 'softDeadlinePassed') {
        kinds.add('late peer')
        late.add(event.peer)
      } else if (event.type === 'responded' && late.has(event.peer)) {
        kinds.add('late answer')
      } else if (event.type === 'timerFired') {
        kinds.add('grace')
      }

      actions.forEach(action => { kinds.add(action.type === 'query' ? action.reason : '') })

      if (actions.at(-1)?.type === 'finish') {
        break
      }
    }
  }

  kinds.delete('')

  return kinds
}

function lookupsOf (steps: LookupStep[]): LookupStep[][] {
  return [...Map.groupBy(steps, ({ key }) => String(key)).values()]
}

/** The live runner's facts, in their order, told to lookups of their own */
function repeated (steps: LookupStep[]): Array<Array<LookupAction<string>> | undefined> {
  const selector = seededSelector()
  const lookups = new Map<string, Lookup<string>>()

  return steps.map(({ key, event, init }) => {
    if (init !== undefined) {
      lookups.set(String(key), new Lookup({ ...init, selector }))
    }

    return lookups.get(String(key))?.advance(event)
  })
}

/** The same facts as the simulated network's event queue hands them out, in the order of their times */
function simulated (steps: LookupStep[], numberOf: NumberOf): Array<Array<LookupAction<number>> | undefined> {
  const selector = seededSelector()
  const lookups = new Map<string, Lookup<number>>()
  const queue = new EventQueue<{ now: number, step: LookupStep }>()
  const actions: Array<Array<LookupAction<number>> | undefined> = []

  steps.forEach(step => { queue.push({ now: step.event.now, step }) })

  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { key, event, init } = next.step

    if (init !== undefined) {
      lookups.set(String(key), new Lookup(numberedInit({ ...init, selector }, numberOf)))
    }

    actions.push(lookups.get(String(key))?.advance(numberedEvent(event, numberOf)))
  }

  return actions
}

/**
 * What a real node's lookups were told and decided, in a network of which a good part
 * is dead or slow, in the order of time
 */
async function recordLookups (): Promise<LookupStep[]> {
  const network = new TestNetwork(kadDHT)
  onTestFinished(async () => { await network.stop() })
  const steps: LookupStep[] = []
  const peers = await partlyDeadPeers(network, PEERS)
  const node = await network.createNode(
    { clientMode: true, kBucketSize: K },
    {},
    // as they are at this moment: nothing that happens later may show in them
    scored({ random: seededRandom(), onLookupStep: step => { steps.push(structuredClone(step)) } })
  )

  await node.dial(peers[0].multiaddrs)

  for (let i = 0; i < LOOKUPS.min || (i < LOOKUPS.max && !KINDS.every(kind => kindsOf(steps).has(kind))); i++) {
    await drain(node.services.dht.getClosestPeers(Uint8Array.of(SEED, i)))
  }

  // what comes after the end of a lookup decides nothing
  return [...steps]
}

function seededRandom (): () => number {
  const generator = xoroshiro128plus(SEED)

  return () => uniformFloat64(generator)
}

function seededSelector (): PeerSelector {
  return new EpsilonGreedySelector({ random: seededRandom() })
}

function numberedInit ({ start, self, ...init }: LookupInit<string>, numberOf: NumberOf): LookupInit<number> {
  return { ...init, start: start.map(peer => numberedPeer(peer, numberOf)), self: self === undefined ? undefined : numberOf(self) }
}

function numberedEvent (event: LookupEvent<string>, numberOf: NumberOf): LookupEvent<number> {
  if (event.type === 'responded') {
    return { ...event, peer: numberOf(event.peer), closer: event.closer.map(peer => numberedPeer(peer, numberOf)) }
  }

  return 'peer' in event ? { ...event, peer: numberOf(event.peer) } : event
}

function numberedAction (action: LookupAction<string>, numberOf: NumberOf): LookupAction<number> {
  if (action.type === 'finish') {
    return { ...action, closest: action.closest.map(numberOf) }
  }

  return 'peer' in action ? { ...action, peer: numberOf(action.peer) } : action
}

function numberedPeer (peer: LookupPeer<string>, numberOf: NumberOf): LookupPeer<number> {
  return { ...peer, peer: numberOf(peer.peer) }
}
