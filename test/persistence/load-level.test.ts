import { Level } from 'level'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { loadLevel } from '../../src/persistence/load-level.ts'

afterEach(() => { vi.doUnmock('level') })

describe('LevelDB', () => {
  test('is loaded when it is asked for', async () => {
    expect((await loadLevel()).Level).toBe(Level)
  })

  test('that can not be loaded says in one line what a bundle has to do', async () => {
    vi.doMock('level', () => { throw new Error('no native build\nsearched here') })

    await expect(loadLevel()).rejects.toThrow(/^the package level can't be loaded \([^\n]+\)\. A bundle for Node has to leave it out, as with esbuild's --external:level$/)
  })
})
