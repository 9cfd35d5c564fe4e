import { describe, expect, test } from 'vitest'
import { explainPublishFailure } from '../../../src/persistence/published/explain-publish-failure.ts'
import { PublishStoreError } from '../../../src/persistence/published/publish-store-error.ts'

const STORE = 'published keys at ./published'

describe('what an engine has thrown at published keys is explained', () => {
  test.each<[unknown, string, string]>([
    [Object.assign(new Error('lock'), { code: 'LEVEL_LOCKED' }), 'in-use', 'is in use by another process, or by another node in this one; stop that one or give another location'],
    [Object.assign(new Error('full'), { code: 'ENOSPC' }), 'no-space', "can't be written: the disk is full; make room on it"],
    [Object.assign(new Error('bad block'), { code: 'LEVEL_CORRUPTION' }), 'damaged', 'is damaged: bad block; move it away, a new one is then begun, and add the keys again'],
    [new Error('something'), 'unusable', "can't be written: something; mend this or give another place for the published keys"],
    ['a text', 'unusable', "can't be written: a text; mend this or give another place for the published keys"]
  ])('%o', (thrown, problem, message) => {
    const error = explainPublishFailure(STORE, 'written', thrown)

    expect(error).toBeInstanceOf(PublishStoreError)
    expect(error).toMatchObject({ name: 'PublishStoreError', problem, message: `${STORE} ${message}` })
    expect(error.cause).toBe(thrown)
  })

  test('unless it was explained before', () => {
    const error = new PublishStoreError('it is full', { problem: 'no-space' })

    expect(explainPublishFailure(STORE, 'opened', error)).toBe(error)
  })
})
