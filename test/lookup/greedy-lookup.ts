import { validateLookupParameters } from '../../src/parameters/lookup-parameters.ts'
import { Lookup } from '../../src/lookup/lookup.ts'
import { EpsilonGreedySelector } from '../../src/selection/epsilon-greedy-selector.ts'
import { lookupPeer } from './lookup-peer.ts'
import type { LookupPeer } from '../../src/lookup/candidate-list.ts'
import type { LookupParametersInit } from '../../src/parameters/lookup-parameters.ts'
import type { LookupAction, LookupEvent, LookupInit } from '../../src/lookup/lookup.ts'

const target = Uint8Array.of(0)
/** Facts of an unacceptable peer */
export const poor = { peerClass: 'unacceptable', score: 0.2 } as const
/** Facts of a good peer */
export const good = { peerClass: 'good', score: 0.9 } as const

/** A greedy lookup. Peers are numbers: handle, kad id and distance from the target in one */
export function lookup (start: Array<number | LookupPeer<number>>, { graceMs = 1000, connectedGraceMs = 4500, ...parameters }: LookupParametersInit & { graceMs?: number, connectedGraceMs?: number }, init: Partial<LookupInit<number>> = {}): Lookup<number> {
  return new Lookup<number>({
    target,
    parameters: validateLookupParameters(parameters),
    graces: { silent: graceMs, signed: graceMs, connected: connectedGraceMs },
    selector: new EpsilonGreedySelector({ epsilon: 0, random: () => 0.5 }),
    start: start.map(peer => typeof peer === 'number' ? lookupPeer(peer) : peer),
    ...init
  })
}

/** The fact that a peer answered and whom it named */
export function responded (peer: number, now: number, closer: Array<number | LookupPeer<number>> = []): LookupEvent<number> {
  return { type: 'responded', peer, now, closer: closer.map(named => typeof named === 'number' ? lookupPeer(named) : named) }
}

/** Whom a lookup asks, and why */
export function queries (actions: Array<LookupAction<number>>): Array<[peer: number, reason: string]> {
  return actions.filter(action => action.type === 'query').map(({ peer, reason }) => [peer, reason])
}
