import { expect, test } from 'vitest'
import { SoftDeadline } from '../../src/timing/soft-deadline.ts'

const INIT = { startedAt: 1000, connectDeadlineMs: 200, deadlineMs: 900, dialledDeadlineMs: (connectMs: number) => 5 * connectMs }

test('gives a dial the time for its first sign of life', () => {
  expect(new SoftDeadline(INIT)).toMatchObject({ afterMs: 200, isReached: false })
})

test('gives a connected peer the time for its answer', () => {
  expect(new SoftDeadline({ ...INIT, connectDeadlineMs: undefined })).toMatchObject({ afterMs: 900, isReached: true })
})

test('takes the rest from how long the first sign of life took, but no more than the time for an answer', () => {
  const near = new SoftDeadline(INIT)
  const far = new SoftDeadline(INIT)

  near.reached(1040)
  far.reached(1199)

  expect(near).toMatchObject({ afterMs: 200, isReached: true })
  expect(far).toMatchObject({ afterMs: 900, isReached: true })
})
