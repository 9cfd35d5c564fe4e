/**
 * @packageDocumentation
 *
 * Suites of tests for your own `PeerSelector` or `ScoreStore`. They check all that a
 * selector or a store must do.
 */

export { testPeerSelector } from './test-peer-selector.ts'
export { testScoreStore } from './test-score-store.ts'
export type { TestFunction } from './test-function.ts'
export type { PeerSelectorSuite } from './test-peer-selector.ts'
export type { ScoreStoreSuite, StoreGround } from './test-score-store.ts'
