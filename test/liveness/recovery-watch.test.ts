import { expect, test } from 'vitest'
import { RecoveryWatch } from '../../src/liveness/recovery-watch.ts'

test('poor peers begin to answer again when two of them do in a row', () => {
  const watch = new RecoveryWatch()

  for (let i = 0; i < 20; i++) {
    watch.asked(false, i)
  }

  watch.asked(true, 100)
  expect(watch.recoveredAt).toBe(-Infinity)
  watch.asked(true, 110)
  expect(watch.recoveredAt).toBe(110)
})

test('one in four that answers says nothing of the others', () => {
  const watch = new RecoveryWatch()

  for (let i = 0; i < 300; i++) {
    watch.asked(i % 4 === 0, i)
  }

  expect(watch.recoveredAt).toBe(-Infinity)
})
