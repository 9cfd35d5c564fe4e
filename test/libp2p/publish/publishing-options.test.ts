import { MemoryLevel } from 'memory-level'
import { expect, test } from 'vitest'
import { validatePublishingInit } from '../../../src/libp2p/publish/publishing-options.ts'

test('the options of puts have defaults', () => {
  expect(validatePublishingInit({}, 20)).toMatchObject({ returnAfter: 15, location: undefined, level: undefined, bulk: { leastHolders: 10, regionsAtOnce: 2 } })
})

test.each([
  [{ location: '' }, 'publishing: location is ""'],
  [{ location: './keys', level: new MemoryLevel() }, 'location and level are both given'],
  [{ returnAfter: 0 }, 'returnAfter is 0'],
  [{ bulk: { regionsAtOnce: 0 } }, 'regionsAtOnce is 0'],
  [{ threshold: 3 }, 'there is no parameter threshold']
])('%j is refused, and the message says why', (init, message) => {
  expect(() => validatePublishingInit(init as object, 20)).toThrow(message)
})
