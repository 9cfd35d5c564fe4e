/**
 * @packageDocumentation
 *
 * What every `PeerSelector` and every `ScoreStore` must do, as suites of tests for those
 * who write one.
 */

export { testPeerSelector } from './test-peer-selector.ts'
export { testScoreStore } from './test-score-store.ts'
export type { TestFunction } from './test-function.ts'
export type { PeerSelectorSuite } from './test-peer-selector.ts'
export type { ScoreStoreSuite, StoreGround } from './test-score-store.ts'
