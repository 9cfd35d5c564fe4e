import { expect, test } from 'vitest'
import { DIAL_TRIPS, RTT_MS, SLOW_MS, SmallNetwork } from '../small-network.ts'
import type { RequestEnd, RequestLimits } from '../../../../../benchmarks/simulator/clients/requests/connections.ts'

const PATIENT: RequestLimits = { firstSignMs: Infinity, connectedMs: Infinity, answerMs: Infinity, totalMs: Infinity }
const DIAL_MS = DIAL_TRIPS * RTT_MS

test('dials once, and tells the set-up from the answer', () => {
  const network = new SmallNetwork()

  expect(ask(network, 3)).toEqual({ end: { type: 'answered', setupMs: DIAL_MS, latencyMs: RTT_MS, dialled: true }, atMs: DIAL_MS + RTT_MS, steps: ['first sign at 100', 'connected at 400'] })
  expect(ask(network, 3)).toEqual({ end: { type: 'answered', setupMs: 0, latencyMs: RTT_MS, dialled: false }, atMs: RTT_MS, steps: ['connected at 0'] })
  expect(network.components.connections).toMatchObject({ queries: 2, dials: 1, unanswered: 0, spentMs: { dialling: DIAL_MS, waiting: 2 * RTT_MS, wasted: 0 } })
})

test('is done with what is not answered once it is written', () => {
  expect(ask(new SmallNetwork(), 3, PATIENT, { answered: false }).atMs).toBe(DIAL_MS)
  expect(ask(new SmallNetwork(), 3, PATIENT, { answered: false, sendTrips: 1 }).atMs).toBe(DIAL_MS + RTT_MS)
})

test.each([
  ['no sign of life', 'silent', { firstSignMs: 700 }, { type: 'timedOut', reached: false, afterMs: 700 }],
  ['no sign of life in all', 'silent', { totalMs: 900 }, { type: 'timedOut', reached: false, afterMs: 900 }],
  ['no connection', 'stalls', { connectedMs: 800 }, { type: 'timedOut', reached: true, afterMs: 800 }],
  ['a refusal', 'refuses', {}, { type: 'refused' }]
] as const)('ends after %s', (_, absence, limits, end) => {
  const network = new SmallNetwork()
  network.leave(absence, 3)

  expect(ask(network, 3, { ...PATIENT, ...limits }).end).toEqual(end)
  expect(network.components.connections.unanswered).toBe(1)
})

test('ends when a connected peer does not answer in time', () => {
  const network = new SmallNetwork()
  network.habits.set(3, 'slow')

  expect(ask(network, 3, { ...PATIENT, answerMs: SLOW_MS }).end).toEqual({ type: 'timedOut', reached: true, afterMs: DIAL_MS + SLOW_MS })
})

test('waits for ever for a silent peer where nothing limits it', () => {
  const network = new SmallNetwork()
  network.leave('silent', 3)

  expect(ask(network, 3)).toMatchObject({ end: undefined, steps: [] })
  expect(network.clock.step()).toBe(false)
})

test('tells nothing after it was cancelled', () => {
  const network = new SmallNetwork()
  const ends: RequestEnd[] = []

  network.components.connections.ask(3, PATIENT, { onEnd: end => { ends.push(end) } })()
  network.pass(10_000)

  expect(ends).toEqual([])
})

test('loses the connection to a peer that went and came back', () => {
  const network = new SmallNetwork()
  const { connections } = network.components

  network.connect(3, 4)
  network.leave('silent', 3)
  expect([connections.isOpen(3), connections.isOpen(4)]).toEqual([false, true])
  expect(connections.open).toEqual([4])

  network.join(3)
  expect(connections.isOpen(3)).toBe(false)
  expect(ask(network, 3).end).toMatchObject({ dialled: true })
})

test('closes the connection that was not used for the longest when there are too many', () => {
  const network = new SmallNetwork({ size: 256 })
  const { connections } = network.components
  const peers = Array.from({ length: 100 }, (_, node) => node)

  network.connect(...peers)
  ask(network, 0)
  network.connect(200)

  expect(connections.isOpen(0)).toBe(true)
  expect(connections.isOpen(1)).toBe(false)
  expect(connections.isOpen(200)).toBe(true)
})

function ask (network: SmallNetwork, node: number, limits = PATIENT, options = {}): { end: RequestEnd | undefined, atMs: number, steps: string[] } {
  const { clock } = network
  const startedAtMs = clock.now
  const steps: string[] = []
  let result: { end: RequestEnd, atMs: number } | undefined

  network.components.connections.ask(node, limits, {
    onFirstSign: () => { steps.push(`first sign at ${clock.now - startedAtMs}`) },
    onConnected: () => { steps.push(`connected at ${clock.now - startedAtMs}`) },
    onEnd: end => { result = { end, atMs: clock.now - startedAtMs } }
  }, options)

  network.pass(10_000)

  return { end: result?.end, atMs: result?.atMs ?? NaN, steps }
}
