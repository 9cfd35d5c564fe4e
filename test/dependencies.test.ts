import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { importsOf, packageOf } from './architecture/imports-of.ts'

const { dependencies, peerDependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const installed = Object.keys({ ...dependencies, ...peerDependencies })

// tools that are run by name, and the types of packages that bring none
const TOOLS = /^(@types\/.*|eslint|neostandard|node|typedoc)$/

function packagesOf (...folders: string[]): string[] {
  const names = folders
    .flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`))
    .filter(path => path.endsWith('.ts'))
    .flatMap(path => importsOf(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)))
    .map(({ specifier }) => packageOf(specifier))
    .filter(name => name != null)
    .filter(name => !name.startsWith('node:'))

  return [...new Set(names)].sort()
}

test('every package that src imports, types included, is a dependency', () => {
  expect(packagesOf('src').filter(name => !installed.includes(name))).toEqual([])
})

test('every dependency is imported by src', () => {
  expect(Object.keys(dependencies).filter(name => !packagesOf('src').includes(name))).toEqual([])
})

test('every package that tests and benchmarks import is a dependency of some kind', () => {
  expect(packagesOf('test', 'benchmarks').filter(name => !installed.includes(name) && devDependencies[name] == null)).toEqual([])
})

test('every development dependency is imported or a tool', () => {
  const imported = packagesOf('src', 'test', 'benchmarks')

  expect(Object.keys(devDependencies).filter(name => !TOOLS.test(name) && !imported.includes(name))).toEqual([])
})

test('node modules are named with their prefix', () => {
  expect(packagesOf('src', 'test', 'benchmarks').filter(name => builtinModules.includes(name))).toEqual([])
})
