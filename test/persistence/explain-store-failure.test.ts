import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryLevel } from 'memory-level'
import { describe, expect, test } from 'vitest'
import { explainStoreFailure } from '../../src/persistence/explain-store-failure.ts'
import { ScoreStoreError } from '../../src/persistence/score-store-error.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const STORE = 'score store at ./scores'

function errorOf (message: string, code?: string, cause?: Error): Error {
  return Object.assign(new Error(message, { cause }), code === undefined ? {} : { code })
}

describe('what an engine has thrown is explained', () => {
  test.each<[unknown, string, string]>([
    [errorOf('EACCES: permission denied', 'EACCES'), 'no-permission', "can't be opened: permission denied; give this process the right to read and write it"],
    [errorOf('IO error: ./scores/LOCK: Permission denied'), 'no-permission', "can't be opened: permission denied; give this process the right to read and write it"],
    [errorOf('EROFS', 'EROFS'), 'no-permission', "can't be opened: its file system is read-only; give a location that can be written"],
    [errorOf('IO error: ./scores/000005.log: No space left on device'), 'no-space', "can't be opened: the disk is full; make room on it"],
    [errorOf('over', 'EDQUOT'), 'no-space', "can't be opened: the disk is full; make room on it"],
    [errorOf('ENOTDIR', 'ENOTDIR'), 'misplaced', "can't be opened: there is a file where its directory should be; move the file or give another location"],
    [errorOf('IO error: Too many open files'), 'unusable', "can't be opened: too many files are open; allow this process more of them"],
    [errorOf('EIO', 'EIO'), 'unusable', "can't be opened: the disk has failed; check it or give a location on another"],
    [errorOf('Corruption: bad block', 'LEVEL_CORRUPTION'), 'damaged', 'is damaged: Corruption: bad block; move it away or delete it, a new one is then begun'],
    [errorOf('IO error: ./scores/MANIFEST-000002: No such file or directory'), 'damaged', 'is damaged: IO error: ./scores/MANIFEST-000002: No such file or directory; move it away or delete it, a new one is then begun'],
    [errorOf('lock', 'LEVEL_LOCKED'), 'in-use', 'is in use by another process, or by another node in this one; stop that one or give another location'],
    [errorOf('Database is not open', 'LEVEL_DATABASE_NOT_OPEN', errorOf('lock', 'LEVEL_LOCKED')), 'in-use', 'is in use by another process, or by another node in this one; stop that one or give another location'],
    [errorOf('Iterator is not open', 'LEVEL_ITERATOR_NOT_OPEN'), 'closed', "can't be used: the database is not open; open it before the node starts and close it after the node has stopped"],
    [errorOf('first line\nsecond line'), 'unusable', "can't be opened: first line; mend this or give another place for the scores"],
    ['a text', 'unusable', "can't be opened: a text; mend this or give another place for the scores"],
    [undefined, 'unusable', "can't be opened: undefined; mend this or give another place for the scores"],
    [new Error(''), 'unusable', "can't be opened: no reason was given; mend this or give another place for the scores"],
    [Object.create(null), 'unusable', "can't be opened: no reason was given; mend this or give another place for the scores"]
  ])('%o', (thrown, problem, message) => {
    const error = explainStoreFailure(STORE, 'opened', thrown)

    expect(error).toBeInstanceOf(ScoreStoreError)
    expect({ problem: error.problem, message: error.message }).toEqual({ problem, message: `${STORE} ${message}` })
    expect(error.cause).toBe(thrown)
  })

  test('unless it was explained before', () => {
    const error = new ScoreStoreError('it is full', { problem: 'no-space' })

    expect(explainStoreFailure(STORE, 'opened', error)).toBe(error)
  })

  test('from the file system as it throws', async () => {
    const file = join(await temporaryDirectory(), 'missing')
    const thrown = await readFile(join(file, 'x')).catch(err => err)

    expect(explainStoreFailure(STORE, 'read', thrown).message).toMatch(/^score store at \.\/scores can't be read: ENOENT: .+; mend this/)
  })

  test('from a closed database as it throws', async () => {
    const db = new MemoryLevel()
    await db.close()
    const thrown = await db.get('a').catch(err => err)

    expect(explainStoreFailure(STORE, 'read', thrown).problem).toBe('closed')
  })
})
