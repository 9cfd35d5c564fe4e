import { expect, test } from 'vitest'
import { optionalPackage } from '../../../src/cli/provide/optional-package.ts'

function notFound (name: string): Error {
  return Object.assign(new Error(`Cannot find package '${name}' imported from here`), { code: 'ERR_MODULE_NOT_FOUND' })
}

test('a package that is installed is loaded', async () => {
  expect(await optionalPackage('a', async () => 1)).toBe(1)
})

test('one that is not installed is undefined', async () => {
  expect(await optionalPackage('@a/b', async () => { throw notFound('@a/b') })).toBeUndefined()
})

test('one that misses a package of its own is no missing package', async () => {
  await expect(optionalPackage('a', async () => { throw notFound('a-part') })).rejects.toThrow("'a-part'")
  await expect(optionalPackage('a', async () => { throw new Error("'a' is broken") })).rejects.toThrow('is broken')
})
