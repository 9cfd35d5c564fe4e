/**
 * @packageDocumentation
 *
 * A Kademlia DHT for js-libp2p that remembers which peers are worth asking.
 */

export { scoredKadDHT } from './service.ts'
export { IncompatibleKadDHTError } from './kad-dht/incompatible-kad-dht-error.ts'
export { LevelScoreStore } from './persistence/level-score-store.ts'
export { ScoreStoreError } from './persistence/score-store-error.ts'
export { InvalidParametersError } from './parameters/invalid-parameters-error.ts'
export { EpsilonGreedySelector } from './selection/epsilon-greedy-selector.ts'
export { InvalidSelectorError } from './selection/invalid-selector-error.ts'
export { xorWindow } from './selection/xor-window.ts'
export type { ScoredKadDHT, ScoredKadDHTInit } from './service.ts'
export type { KadId } from './keyspace/kad-id.ts'
export type { LookupStep } from './libp2p/lookup/lookup-runner.ts'
export type { ScoreBook, ScoredPeer, ScoreExplanation } from './libp2p/peers/score-book.ts'
export type { ScoringInit } from './libp2p/scoring-init.ts'
export type { LookupPeer } from './lookup/candidate-list.ts'
export type { LookupParameters, LookupParametersInit } from './parameters/lookup-parameters.ts'
export type { LookupAction, LookupEvent, LookupInit, QueryReason } from './lookup/lookup.ts'
export type { Database, LevelScoreStoreInit } from './persistence/level-score-store.ts'
export type { ScoreStoreErrorOptions, ScoreStoreProblem } from './persistence/score-store-error.ts'
export type { ScoreStore, StoredAddress, StoredPeer, StoredPlace, UnreadableEntry } from './persistence/score-store.ts'
export type { DialFailureClass, Outcome, OutcomeType } from './score/outcome.ts'
export type { PeerClass, PeerScore } from './score/peer-score.ts'
export type { ScoreParameters, ScoreParametersInit } from './parameters/score-parameters.ts'
export type { EpsilonGreedySelectorInit } from './selection/epsilon-greedy-selector.ts'
export type { Candidate, Choice, PeerSelector } from './selection/peer-selector.ts'
