import { describe, expect, test } from 'vitest'
import { drawPeerStates, isServer, redrawPeerStates } from '../../../benchmarks/testnet/peer-states.ts'
import { seededRandom } from '../../../benchmarks/random/seeded-random.ts'
import { MODES } from '../../../benchmarks/testnet/testnet-options.ts'
import type { PeerState } from '../../../benchmarks/testnet/peer-states.ts'

describe('the states of the peers', () => {
  test('in a storm are as many dead as live, half of them silent, a quarter stalling, a quarter refusing', () => {
    expect(count(drawPeerStates({ nodes: 200, scenario: 'storm', mode: undefined }))).toEqual({ up: 200, silent: 100, stalls: 50, refuses: 50 })
  })

  test('follow a share given as a number', () => {
    const states = drawPeerStates({ nodes: 90, scenario: 0.25, mode: undefined })

    expect(states).toHaveLength(120)
    expect(states.filter(isServer)).toHaveLength(90)
  })

  test.each(MODES)('with the mode %s are 30%% in just that mode, 20%% where it lies', mode => {
    const states = drawPeerStates({ nodes: 210, scenario: 'storm', mode })

    expect(Object.keys(count(states)).sort()).toEqual([mode, 'up'].sort())
    expect(count(states)[mode]! / states.length).toBeCloseTo(mode === 'lies' ? 0.2 : 0.3, 2)
    expect(states.filter(isServer)).toHaveLength(210)
  })
})

describe('drawing states anew', () => {
  const before = drawPeerStates({ nodes: 200, scenario: 'storm', mode: undefined })
  const after = redrawPeerStates(before, { share: 0.2, exempt: 3 }, seededRandom(1))
  const changed = [...before.keys()].filter(i => before[i] !== after[i])

  test('keeps as many peers of each state', () => {
    expect(count(after)).toEqual(count(before))
  })

  test('brings dead peers to life and lets live ones die, among a fifth of all', () => {
    expect(changed.some(i => isServer(before[i]) && !isServer(after[i]))).toBe(true)
    expect(changed.some(i => !isServer(before[i]) && isServer(after[i]))).toBe(true)
    // a drawn state may be the one it had
    expect(changed.length).toBeGreaterThan(0.08 * before.length)
    expect(changed.length).toBeLessThanOrEqual(0.2 * before.length)
  })

  test('leaves the exempt alone, however many are drawn', () => {
    const shuffled = redrawPeerStates(before, { share: 1, exempt: 50 }, seededRandom(2))

    expect(shuffled.slice(0, 50)).toEqual(before.slice(0, 50))
    expect(shuffled.slice(50)).not.toEqual(before.slice(50))
  })

  test('gives the same for the same seed and another for another', () => {
    expect(redrawPeerStates(before, { share: 0.2, exempt: 3 }, seededRandom(1))).toEqual(after)
    expect(redrawPeerStates(before, { share: 0.2, exempt: 3 }, seededRandom(2))).not.toEqual(after)
  })
})

function count (states: PeerState[]): Partial<Record<PeerState, number>> {
  const counts: Partial<Record<PeerState, number>> = {}

  for (const state of states) {
    counts[state] = (counts[state] ?? 0) + 1
  }

  return counts
}
