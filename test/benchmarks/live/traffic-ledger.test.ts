import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { TrafficLedger } from '../../../benchmarks/live/traffic-ledger.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

test('counts what began in a period, and the time that everything in flight took within it', () => {
  const ledger = new TrafficLedger()
  const early = ledger.begin('dial', false)

  vi.advanceTimersByTime(100)
  const from = performance.now()
  const rpc = ledger.begin('rpc', false)

  vi.advanceTimersByTime(30)
  early('answered')
  vi.advanceTimersByTime(20)
  rpc('answered')

  expect(ledger.close(from, performance.now())).toEqual({
    queries: 1,
    dials: 0,
    unresponsive: 0,
    spentMs: { dialling: 30, waiting: 50, wasted: 0 }
  })
})

test('calls failures and everything that went to dead peers unresponsive, but not what was cancelled at a live one', () => {
  const ledger = new TrafficLedger()
  const from = performance.now()
  const failed = ledger.begin('rpc', false)
  const dead = ledger.begin('dial', true)
  const cancelled = ledger.begin('rpc', false)

  ledger.begin('dial', true)
  vi.advanceTimersByTime(10)
  failed('failed')
  dead('cancelled')
  cancelled('cancelled')

  expect(ledger.close(from, performance.now())).toMatchObject({
    queries: 2,
    dials: 2,
    unresponsive: 3,
    spentMs: { dialling: 0, waiting: 10, wasted: 30 }
  })
})

test('divides an exchange among the periods it lasts, and counts it where it began', () => {
  const ledger = new TrafficLedger()
  const from = performance.now()
  const end = ledger.begin('rpc', false)

  vi.advanceTimersByTime(40)
  const middle = performance.now()
  const first = ledger.close(from, middle)

  vi.advanceTimersByTime(5)
  end('answered')
  end('failed')
  const second = ledger.close(middle, performance.now())

  expect([first.queries, first.spentMs.waiting]).toEqual([1, 40])
  expect([second.queries, second.spentMs.waiting, second.unresponsive]).toEqual([0, 5, 0])
})
