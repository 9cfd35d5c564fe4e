import { peerIdFromString } from '@libp2p/peer-id'
import { expect, test } from 'vitest'
import { recallOfUnion } from '../../../benchmarks/public/recall-of-union.ts'

const A = '12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8'
const B = 'QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN'
const C = 'QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa'

test('is the share found of all that anybody found', () => {
  expect(recallOfUnion(keyOf(A), [[A, B], [C], []], 20)).toEqual([2 / 3, 1 / 3, 0])
})

test('counts only the k closest to the key', () => {
  // nothing is closer to a peer's own key than the peer
  expect(recallOfUnion(keyOf(B), [[A, C], [B]], 1)).toEqual([0, 1])
  expect(recallOfUnion(keyOf(A), [[A, C], [B]], 1)).toEqual([1, 0])
})

test('is unknown when nobody found anything', () => {
  expect(recallOfUnion(keyOf(A), [[], []], 20)).toEqual([undefined, undefined])
})

function keyOf (peer: string): Uint8Array {
  return peerIdFromString(peer).toMultihash().bytes
}
