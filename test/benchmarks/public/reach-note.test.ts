import { expect, test } from 'vitest'
import { reachNote } from '../../../benchmarks/public/reach-note.ts'

test('tells how many peers can\'t be dialled, and why', () => {
  expect(reachNote([[['a', 'dialable'], ['b', 'private'], ['c', 'relayed'], ['d', 'transport'], ['e', 'transport'], ['f', 'noAddress']]])).toBe(
    'Of 6 peers that were named, 5 can\'t be dialled from here: 1 were named without an address, 1 tell private addresses only, 1 are behind relays only, ' +
    '2 speak other transports only, such as QUIC and WebTransport. No arm can find these, and recall leaves them out.'
  )
})

test('takes a peer that one arm can dial for dialable', () => {
  expect(reachNote([[['a', 'dialable'], ['b', 'relayed']], [['a', 'private'], ['b', 'dialable']]])).toBe('All 2 peers that were named can be dialled from here.')
})
