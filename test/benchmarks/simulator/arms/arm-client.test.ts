import { expect, test } from 'vitest'
import { ArmClient } from '../../../../benchmarks/simulator/arms/arm-client.ts'
import { RecordReader } from '../../../../benchmarks/simulator/arms/record-reader.ts'
import { KadDHTClient } from '../../../../benchmarks/simulator/clients/kad-dht/kad-dht-client.ts'
import { Connections } from '../../../../benchmarks/simulator/clients/requests/connections.ts'
import { DIAL_TRIPS, SmallNetwork } from '../clients/small-network.ts'
import type { Client, OnReturn, OnSettled, OnStored } from '../../../../benchmarks/simulator/clients/client.ts'
import type { Task } from '../../../../benchmarks/simulator/arms/arm-client.ts'
import type { Sample } from '../../../../benchmarks/report/results.ts'

const TARGET = Uint8Array.of(66, 0, 0, 0)

interface Told {
  done: OnReturn
  onSettled?: OnSettled
  onStored?: OnStored
}

type Store = (network: SmallNetwork, closest: number[], told: Told) => void

interface Setting {
  task?: Partial<Task>
  hasReader?: boolean
  meanwhile?: (network: SmallNetwork, closest: number[]) => void
}

/** A client that stores as it is told, and a reader that knows everybody */
function put (store: Store, { task = {}, hasReader = true, meanwhile = () => {} }: Setting = {}): Array<Omit<Sample, 'scenario'>> {
  const network = new SmallNetwork({ bootstrap: [0] })
  const { components } = network
  const { world, clock, endpoint } = components
  const closest = network.closest(TARGET, components.k)
  const samples: Array<Omit<Sample, 'scenario'>> = []
  const storing: Client['store'] = (_, __, done, onSettled, onStored) => {
    store(network, closest, { done, onSettled, onStored })

    return { queries: 3, cancel: () => {} }
  }
  const client = { store: storing } as unknown as Client
  const reader = new RecordReader(new KadDHTClient({ ...components, connections: new Connections({ world, clock, endpoint, dialTrips: DIAL_TRIPS, maxConnections: 100 }) }), clock)
  const arm = new ArmClient({ arm: 'scored', client, connections: components.connections, clock, restart: before => before, ...(hasReader ? { reader } : {}) })

  arm.startReader()
  network.pass(10_000)
  arm.perform({
    operation: 'provide',
    key: TARGET,
    index: 0,
    timeoutMs: 30_000,
    isHolder: () => false,
    recallOf: found => closest.filter(node => found.includes(node)).length / closest.length,
    onSample: sample => { samples.push(sample) },
    ...task
  })
  network.pass(100)
  meanwhile(network, closest)
  network.pass(150_000)

  return samples
}

/** Returns with one holder that nobody finds, and reaches the others five seconds later */
const ofTwoParts: Store = ({ clock }, closest, { done, onSettled, onStored }) => {
  onStored?.(63)
  done([63], { goesOn: true })
  clock.schedule(5_000, () => {
    closest.forEach(node => { onStored?.(node) })
    onSettled?.(closest)
  })
}

const atOnce: Store = (_, closest, { done }) => { done(closest) }

test('tells when all holders had the record, and that it was found later but not soon', () => {
  expect(put(ofTwoParts)).toMatchObject([{ timeMs: 0, recall: 1, afterReturn: { timeMs: 5_000, recallAtReturn: 0 }, retrieved: { soon: false, later: true } }])
})

test('finds a record with those that hold it before the put is over', () => {
  const [sample] = put(({ clock }, closest, { done, onSettled, onStored }) => {
    done([63], { goesOn: true })
    clock.schedule(500, () => { closest.slice(1).forEach(node => { onStored?.(node) }) })
    clock.schedule(100_000, () => { onSettled?.(closest) })
  })

  expect(sample).toMatchObject({ afterReturn: { timeMs: 100_000 }, retrieved: { soon: true, later: true } })
})

test('does not find a record whose holders have left, or do not give it out', () => {
  expect(put(atOnce)).toMatchObject([{ retrieved: { soon: true, later: true } }])
  expect(put(atOnce, { meanwhile: (network, closest) => { network.clock.schedule(30_000, () => { network.leave('silent', ...closest) }) } })).toMatchObject([{ retrieved: { soon: true, later: false } }])
  expect(put(atOnce, { task: { givesOut: () => false } })).toMatchObject([{ retrieved: { soon: false, later: false } }])
})

test('counts a put that failed as not found', () => {
  expect(put((_, __, { done }) => { done([]) })).toMatchObject([{ failed: true, retrieved: { soon: false, later: false } }])
  // not every client tells who holds the record by then, so nobody's holders count
  expect(put((_, closest, { onStored }) => { closest.forEach(node => { onStored?.(node) }) })).toMatchObject([{ failed: true, retrieved: { soon: false, later: false } }])
})

test('counts nothing of what the reader does, and looks for nothing that it is not told to', () => {
  const counts = { queries: 3, dials: 0, unresponsive: 0, spentMs: { dialling: 0, waiting: 0, wasted: 0 }, background: { queries: 0, dials: 0 } }

  expect(put(ofTwoParts)).toMatchObject([counts])
  expect(put(ofTwoParts, { task: { isRead: false } })[0]).not.toHaveProperty('retrieved')
  expect(put(ofTwoParts, { hasReader: false })[0]).not.toHaveProperty('retrieved')
})
