import { readdir, readFile, rename } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inUse, OwnDatabase, sublevelName } from '../../src/persistence/own-database.ts'
import { temporaryDirectory } from './temporary-directory.ts'

describe('a database of its own', () => {
  test('is made where it is missing, stays open, and has what was written', async () => {
    const location = join(await temporaryDirectory(), 'a', 'b')
    const own = new OwnDatabase(location)
    const db = await own.open()
    await db.put('key', 'value')
    expect(await own.open()).toBe(db)
    await own.compact()
    await own.close()
    await own.close()

    expect(await (await own.open()).get('key')).toBe('value')
    await own.close()
  })

  test.each(['compact', 'flush'] as const)('has what was written in a table, and nothing in its log, after a %s', async way => {
    const location = await temporaryDirectory()
    const own = new OwnDatabase(location)
    await (await own.open()).put('a key', 'a value')
    const contents = async (): Promise<string[]> => {
      const names = await readdir(location)
      const texts = await Promise.all(names.map(async name => readFile(join(location, name), 'latin1')))

      return names.filter((_, index) => texts[index].includes('a value')).map(name => extname(name))
    }

    expect(await contents()).toEqual(['.log'])
    await own[way]()
    expect(await contents()).toEqual(['.ldb'])
    await own.close()
    // there is nothing to do
    await own[way]()
  })

  test('is open once in a process, however its path is spelled', async () => {
    const location = await temporaryDirectory()
    const [first, second] = [new OwnDatabase(location), new OwnDatabase(relative('.', location))]
    await first.open()

    await expect(second.open()).rejects.toMatchObject({ code: 'LEVEL_LOCKED' })
    // whoever was refused lets go of nothing that is another's
    await second.close()
    await expect(second.open()).rejects.toMatchObject({ code: 'LEVEL_LOCKED' })
    await first.close()
    await second.open()
    await second.close()
  })

  test('is not begun anew over the tables of one that lost its head', async () => {
    const location = await temporaryDirectory()
    const own = new OwnDatabase(location)
    await (await own.open()).put('key', 'value')
    await own.compact()
    await own.close()
    await rename(join(location, 'CURRENT'), join(location, 'kept'))
    await expect(own.open()).rejects.toMatchObject({ code: 'LEVEL_CORRUPTION' })
    await own.close()
    await rename(join(location, 'kept'), join(location, 'CURRENT'))

    expect(await (await own.open()).get('key')).toBe('value')
    await own.close()
  })
})

test('what is in use says so as the engine does', () => {
  expect(inUse('it')).toMatchObject({ message: 'it is in use', code: 'LEVEL_LOCKED' })
})

test.each([
  ['/ipfs/kad/1.0.0', '/ipfs/kad/1.0.0'],
  ['a!b', 'a%21b'],
  ['%21', '%2521'],
  ['ä', '%C3%A4']
])('a sublevel for %s is called %s', (prefix, name) => {
  expect(sublevelName(prefix)).toBe(name)
})
