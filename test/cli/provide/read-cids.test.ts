import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import all from 'it-all'
import { describe, expect, test } from 'vitest'
import { isReadableTwice, readCIDs } from '../../../src/cli/provide/read-cids.ts'
import { temporaryDirectory } from '../../persistence/temporary-directory.ts'
import type { CID } from 'multiformats/cid'

const V0 = 'QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR'
const V1 = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

async function read (content: string | Uint8Array, signal = new AbortController().signal): Promise<CID[]> {
  const path = join(await temporaryDirectory(), 'cids')
  await writeFile(path, content)

  return all(readCIDs(path, signal))
}

describe('a list of CIDs', () => {
  test('has one on each line, with blank lines and comments between', async () => {
    expect((await read(`\uFEFF# all\n${V0}\r\n\n  ${V1}  \n  # the end\n${V0}`)).map(String)).toEqual([V0, V1, V0])
    expect(await read('')).toEqual([])
  })

  test('is read in pieces', async () => {
    const lines = new Array(5_000).fill(V1)

    expect((await read(lines.join('\n'))).length).toBe(5_000)
  })

  test.each([
    ['\n\nx', 'line 3 of .* is no CID: "x". Nothing was sent'],
    [`${V1}\n${V1} ${V0}\n`, 'line 2 of .* is no CID: "'],
    [`${V1.slice(0, -1)}\n`, 'line 1 of .* is no CID'],
    [`# ${'x'.repeat(9_000)}\n${'x'.repeat(9_000)}\n`, 'line 2 of .* is no CID: "x{80}…". Nothing was sent'],
    [`${V1}\n${'\0'.repeat(200_000)}`, "can't be read: line 2 has no end"]
  ])('%j is refused with the number of the line', async (content, message) => {
    await expect(read(content)).rejects.toThrow(new RegExp(message))
  })

  test('that is missing is named', async () => {
    await expect(all(readCIDs('/missing/cids', new AbortController().signal))).rejects.toThrow("/missing/cids can't be read: ENOENT")
  })

  test('is given up when the signal is aborted', async () => {
    const reason = new Error('stopped')

    await expect(read(V1, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

test('a file is read twice, and nothing else', async () => {
  const directory = await temporaryDirectory()
  await writeFile(join(directory, 'cids'), '')

  expect(await isReadableTwice(join(directory, 'cids'))).toBe(true)
  expect(await isReadableTwice(directory)).toBe(false)
  expect(await isReadableTwice(join(directory, 'missing'))).toBe(false)
  expect(await isReadableTwice('-')).toBe(false)
})
