import { expect, test } from 'vitest'
import { RequestContexts } from '../../../src/libp2p/lookup/request-context.ts'
import type { RequestContext } from '../../../src/libp2p/lookup/request-context.ts'

function context (hardDeadlineMs: number): RequestContext {
  return { hardDeadlineMs, dialPriority: 0, onReached: () => {}, onHeld: () => {}, onSettled: () => {} }
}

test('a context is found by its signal, and by no other', () => {
  const contexts = new RequestContexts()
  const [first, second, other] = [new AbortController().signal, new AbortController().signal, new AbortController().signal]
  const [one, two] = [context(1), context(2)]
  contexts.set(first, one)
  contexts.set(second, two)

  expect([first, second, other, undefined].map(signal => contexts.get(signal))).toEqual([one, two, undefined, undefined])
})
