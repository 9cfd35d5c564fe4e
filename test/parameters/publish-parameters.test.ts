import { expect, test } from 'vitest'
import { validatePublishParameters } from '../../src/parameters/publish-parameters.ts'

test.each([
  [20, 15],
  [5, 4],
  [1, 1]
])('of k = %i holders a put waits for %i', (k, returnAfter) => {
  expect(validatePublishParameters({}, k)).toEqual({ returnAfter })
})

test('what is given counts, up to k', () => {
  expect(validatePublishParameters({ returnAfter: 20 }, 20)).toEqual({ returnAfter: 20 })
  expect(() => validatePublishParameters({ returnAfter: 21 }, 20)).toThrow('publishing: returnAfter is 21, allowed is up to k, 20')
  expect(() => validatePublishParameters({ returnAfter: 0 }, 20)).toThrow('publishing: returnAfter is 0, allowed is a whole number from 1 to 1000')
})

test('an unknown option is named', () => {
  expect(() => validatePublishParameters({ after: 3 } as object, 20)).toThrow('publishing: there is no parameter after, only returnAfter')
})
