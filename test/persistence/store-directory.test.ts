import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { StoreDirectory } from '../../src/persistence/store-directory.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** Bytes that a store without a mark is told by */
const CONTENT = '!peer-scores!'

let parent: string
let location: string
let directory: StoreDirectory

beforeEach(async () => {
  parent = await temporaryDirectory()
  location = join(parent, 'scores')
  directory = new StoreDirectory(location)
})

/** Files with these contents, in the directory */
async function fill (files: Record<string, string>): Promise<void> {
  await directory.prepare()

  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(location, name), content)
  }
}

describe('the directory of a store', () => {
  test('is made, with all above it, and may be there already', async () => {
    const deep = new StoreDirectory(join(parent, 'a', 'b'))

    expect(await deep.prepare()).toBe(join(parent, 'a', 'b'))
    expect(await deep.prepare()).toBe(join(parent, 'a', 'b'))
  })

  test('is one, however it is spelled', async () => {
    await directory.prepare()
    await symlink(location, join(parent, 'link'))
    const others = [join(parent, 'link'), join(location, '..', 'scores'), `${location}/`].map(path => new StoreDirectory(path))

    for (const other of others) {
      expect(await other.prepare()).toBe(location)
      expect(await other.identity()).toBe(await directory.identity())
    }

    await mkdir(join(parent, 'other'))
    expect(await new StoreDirectory(join(parent, 'other')).identity()).not.toBe(await directory.identity())
  })

  test.each<[string, Record<string, string>, boolean]>([
    ['that is empty', {}, false],
    ['with tables and the file that names them', { CURRENT: '', '000005.ldb': '' }, false],
    ['with tables alone', { '000005.ldb': '' }, true],
    ['with old tables alone', { '000005.sst': '' }, true],
    ['with nothing but a log', { LOG: '' }, false]
  ])('%s has lost its head: %s', async (_, files, isBeheaded) => {
    await fill(files)

    expect(await directory.isBeheaded()).toBe(isBeheaded)
  })

  test('is marked once, for people to read', async () => {
    await directory.prepare()
    await directory.mark()
    const text = await readFile(join(location, 'SCORES'), 'utf8')
    await directory.mark()

    expect(text).toContain('may be deleted')
    expect(await readFile(join(location, 'SCORES'), 'utf8')).toBe(text)
  })
})

describe('a damaged store', () => {
  test.each<[string, Record<string, string>]>([
    ['with a mark', { CURRENT: 'x', SCORES: '', '000003.log': 'anything' }],
    ['with nothing in its files', { CURRENT: 'x', '000003.log': '' }],
    ['of an earlier release, which made no mark', { CURRENT: 'x', '000003.log': `..${CONTENT}..` }]
  ])('%s is set aside, and an empty directory is left', async (_, files) => {
    await fill(files)

    expect(await directory.setAside(CONTENT)).toBe(`${location}.damaged-1`)
    expect(await readdir(location)).toEqual([])
    expect((await readdir(`${location}.damaged-1`)).sort()).toEqual(Object.keys(files).sort())
  })

  test.each<[string, Record<string, string>]>([
    ['with files of others', { CURRENT: 'x', SCORES: '', 'notes.txt': '' }],
    ['that may be another program\'s', { CURRENT: 'x', '000003.log': 'their data' }]
  ])('%s is left as it is', async (_, files) => {
    await fill(files)

    await expect(directory.setAside(CONTENT)).rejects.toThrow('its directory holds other files too, or is not known for a score store')
    expect((await readdir(location)).sort()).toEqual(Object.keys(files).sort())
    expect(await readdir(parent)).toEqual(['scores'])
  })

  test('that is gone can not be set aside, which is no error', async () => {
    expect(await directory.setAside(CONTENT)).toBeUndefined()
  })

  test('takes the next name that is free, and gives up after ten', async () => {
    for (let n = 1; n <= 10; n++) {
      await fill({ SCORES: '' })
      expect(await directory.setAside(CONTENT)).toBe(`${location}.damaged-${n}`)
    }

    await fill({ SCORES: '' })
    await expect(directory.setAside(CONTENT)).rejects.toThrow(`10 others were set aside as ${location}.damaged-1 and so on already, delete these`)
  })
})
