import { expect, test } from 'vitest'
import { classifyFailure } from '../../../src/libp2p/lookup/classify-failure.ts'
import { DialDeniedError, TooManyPendingDialsError } from '../../../src/libp2p/streams/dial-errors.ts'

test.each([new DialDeniedError('a peer'), new TooManyPendingDialsError('192.0.2.1 tcp/4001')])('%s is ours, and blames no peer', error => {
  expect(error.name).toBe(error.constructor.name)
  expect(classifyFailure(error, 'dialling', 0)).toBeUndefined()
})
