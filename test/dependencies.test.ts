import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { importsOf, packageOf } from './architecture/imports-of.ts'

const { dependencies, peerDependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const installed = Object.keys({ ...dependencies, ...peerDependencies })

// tools that are run by name, and the types of packages that bring none
const TOOLS = /^(@types\/.*|eslint|neostandard|node|typedoc)$/

/** Not imported by us: whoever does so forgot to ask for it */
const FOR_OTHERS: Record<string, string> = {
  events: 'abstract-level needs it in a browser'
}

function packagesOf (...folders: string[]): string[] {
  const names = folders
    .flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`))
    .filter(path => path.endsWith('.ts'))
    .flatMap(path => importsOf(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)))
    .map(({ specifier }) => packageOf(specifier))
    .filter(name => name !== undefined)
    .filter(name => !name.startsWith('node:'))

  return [...new Set(names)].sort()
}

test('every package that src imports, types included, is a dependency', () => {
  expect(packagesOf('src').filter(name => !installed.includes(name))).toEqual([])
})

test('every dependency is imported by src', () => {
  const imported = packagesOf('src')

  expect(Object.keys(dependencies).filter(name => !imported.includes(name) && FOR_OTHERS[name] === undefined)).toEqual([])
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

test('no package is installed twice for those who use this one, libp2p and kad-dht', () => {
  const { packages }: { packages: Record<string, { version: string, dev?: boolean, devOptional?: boolean }> } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const paths = Object.entries(packages)
    .filter(([path, { dev = false, devOptional = false }]) => path !== '' && !dev && !devOptional)
    .map(([path]) => path)
  const copies = Map.groupBy(paths, path => path.split('node_modules/').at(-1))

  expect(paths).toEqual(expect.arrayContaining(['node_modules/protons-runtime', 'node_modules/level']))
  expect([...copies.values()].filter(({ length }) => length > 1)).toEqual([])
})

test('what kad-dht and libp2p depend on as well is asked for in versions that suit all', () => {
  const lock: { packages: Record<string, { dependencies?: Record<string, string> }> } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const majorOf = (range: string): string => range.replace(/^[~^]/, '').split('.')[0]
  const others = ['libp2p', '@libp2p/kad-dht', '@libp2p/utils', 'level'].map(name => ({ name, ...lock.packages[`node_modules/${name}`] }))
  const conflicts = others.flatMap(({ name, dependencies: theirs = {} }) => Object.keys(theirs)
    .filter(dependency => dependencies[dependency] !== undefined && majorOf(dependencies[dependency]) !== majorOf(theirs[dependency]))
    .map(dependency => `${dependency}: ${dependencies[dependency]}, ${name} wants ${theirs[dependency]}`))

  expect(conflicts).toEqual([])
})
