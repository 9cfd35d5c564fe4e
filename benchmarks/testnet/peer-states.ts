import { shuffle } from '../random/shuffle.ts'
import { SCENARIOS } from './testnet-options.ts'
import type { Mode, TestnetOptions } from './testnet-options.ts'
import type { Random } from '../random/random.ts'

/** Share of the peers that fail in the way of `mode`, if one is given */
const MODE_SHARE = 0.3
const LIARS_SHARE = 0.2

/**
 * A peer that is `up` answers as it should. The others fail, each in its own way.
 */
export type PeerState = 'up' | Mode

/**
 * Whether a peer in this state is a live server
 */
export function isServer (state: PeerState): boolean {
  return state === 'up' || state === 'slow' || state === 'flaps' || state === 'lies'
}

/**
 * The states of all peers. The first `nodes` peers are live. After them come as many dead
 * ones as the scenario's share says. Unless `mode` names one way of failing, half of the
 * dead peers are silent, a quarter stall and a quarter refuse.
 */
export function drawPeerStates ({ nodes, scenario, mode }: Pick<TestnetOptions, 'nodes' | 'scenario' | 'mode'>): PeerState[] {
  if (mode !== undefined && isServer(mode)) {
    const failing = Math.round(nodes * (mode === 'lies' ? LIARS_SHARE : MODE_SHARE))

    return [...repeat('up', nodes - failing), ...repeat(mode, failing)]
  }

  const share = mode !== undefined ? MODE_SHARE : typeof scenario === 'number' ? scenario : SCENARIOS[scenario]
  const dead = Math.round(nodes * share / (1 - share))

  if (mode !== undefined) {
    return [...repeat('up', nodes), ...repeat(mode, dead)]
  }

  const stalling = Math.round(dead / 4)

  return [
    ...repeat('up', nodes),
    ...repeat('stalls', stalling),
    ...repeat('refuses', stalling),
    ...repeat('silent', dead - 2 * stalling)
  ]
}

/**
 * Draw some peers' states anew. These peers exchange their states with each other, so
 * that the network has the same number of each as before.
 *
 * @param share - Share of the peers that take part, 0 to 1
 * @param exempt - Number of peers at the front that keep their states, because all nodes bootstrap from them
 * @param random - Uniform in [0, 1)
 */
export function redrawPeerStates (states: readonly PeerState[], { share, exempt }: { share: number, exempt: number }, random: Random): PeerState[] {
  const candidates = [...states.keys()].slice(exempt)
  const redrawn = shuffle(candidates, random).slice(0, Math.round(candidates.length * share))
  const drawn = shuffle(redrawn.map(index => states[index]), random)
  const after = [...states]

  redrawn.forEach((index, i) => {
    after[index] = drawn[i]
  })

  return after
}

function repeat (state: PeerState, count: number): PeerState[] {
  return new Array<PeerState>(count).fill(state)
}
