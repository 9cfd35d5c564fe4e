import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkMirror } from './architecture/check-mirror.ts'
import { checkSource } from './architecture/check-source.ts'
import { checkTree } from './architecture/check-tree.ts'

const sources = filesIn('src', 'benchmarks')

describe('the house', () => {
  test('has sources to look at', () => {
    expect(sources).toContain('src/score/outcome.ts')
    expect(sources).toContain('benchmarks/report/results.ts')
  })

  test.each(sources)('%s keeps the rules', (path) => {
    expect(checkSource(path, readFileSync(path, 'utf8'))).toEqual([])
  })

  test('has no folder with too many files, and no circle of imports', () => {
    expect(checkTree(new Map(sources.map(path => [path, readFileSync(path, 'utf8')])))).toEqual([])
  })
})

describe('the tests', () => {
  test('mirror the sources file by file', () => {
    expect(checkMirror(new Map(sources.map(path => [path, readFileSync(path, 'utf8')])), filesIn('test'))).toEqual([])
  })
})

describe('the checker', () => {
  test.each([
    ['score imports selection', 'src/score/a.ts', "import { x } from '../selection/b.ts'", 'score must not import selection'],
    ['even for a type', 'src/keyspace/a.ts', "import type { X } from '../score/b.ts'", 'keyspace must not import score'],
    ['a type named in place', 'src/keyspace/a.ts', "let x: import('../score/b.ts').X", 'keyspace must not import score'],
    ['a re-export', 'src/selection/a.ts', "export * from '../lookup/b.ts'", 'selection must not import lookup'],
    ['a dynamic import', 'src/score/a.ts', "await import('../libp2p/b.ts')", 'score must not import libp2p'],
    ['persistence imports the table', 'src/persistence/a.ts', "import { x } from '../routing-table/b.ts'", 'persistence must not import routing-table'],
    ['the core imports persistence', 'src/lookup/a.ts', "import { x } from '../persistence/b.ts'", 'lookup must not import persistence'],
    ['the adapters import the service', 'src/libp2p/a.ts', "import { x } from '../service.ts'", 'libp2p must not import service.ts'],
    ['a suite imports an adapter', 'src/testing/a.ts', "import { x } from '../libp2p/b.ts'", 'testing must not import libp2p'],
    ['the package imports a suite', 'src/index.ts', "export { x } from './testing/b.ts'", 'index.ts must not import testing'],
    ['src imports the benchmarks', 'src/cli/a.ts', "import { x } from '../../benchmarks/b.ts'", 'from outside src/'],
    ['benchmarks import the tests', 'benchmarks/a.ts', "import { x } from '../test/b.ts'", 'from the tests'],
    ['an adapter imports an override', 'src/libp2p/a.ts', "import { x } from '../kad-dht/b.ts'", 'libp2p must not import kad-dht'],
    ['a new folder in src', 'src/helpers/a.ts', "import { x } from '../score/b.ts'", 'not a part of the house'],
    ['libp2p in the core', 'src/score/a.ts', "import { x } from '@libp2p/interface'", 'must not import @libp2p/interface at run time'],
    ['multiaddr in the core', 'src/score/a.ts', "import { x } from '@multiformats/multiaddr'", 'at run time'],
    ['node in the core', 'src/score/a.ts', "import { x } from 'node:fs'", 'must not import node:fs'],
    ['level outside its store', 'src/persistence/a.ts', "import { x } from 'level'", 'must not import level'],
    ['a timer', 'src/lookup/a.ts', 'setTimeout(() => {}, 1)', 'setTimeout is not for the pure core'],
    ['a timer through globalThis', 'src/lookup/a.ts', 'globalThis.setTimeout(() => {}, 1)', 'globalThis is not for the pure core'],
    ['the clock', 'src/lookup/a.ts', 'f(Date.now())', 'Date is not for the pure core'],
    ['the clock by constructor', 'src/lookup/a.ts', 'f(new Date())', 'Date is not for the pure core'],
    ['the other clock', 'src/lookup/a.ts', 'f(performance.now())', 'performance is not for the pure core'],
    ['chance', 'src/selection/a.ts', 'f(Math.random())', 'Math is not for the pure core'],
    ['chance in disguise', 'src/selection/a.ts', 'const { random } = Math', 'Math is not for the pure core'],
    ['chance as a default', 'src/selection/a.ts', "f(Math['random'])", 'Math is not for the pure core'],
    ['a timer of AbortSignal', 'src/persistence/a.ts', 'AbortSignal.timeout(1)', 'AbortSignal is not for the pure core'],
    ['a look inside kad-dht', 'src/libp2p/a.ts', "import type { X } from '@libp2p/kad-dht/dist/src/network.js'", 'may look inside @libp2p/kad-dht'],
    ['a cast through unknown', 'src/libp2p/a.ts', 'f((x as unknown) as Y)', 'casts through any or unknown'],
    ['a cast to any', 'src/service.ts', 'f(x as any)', 'casts through any or unknown'],
    ['a statement in index.ts', 'src/index.ts', 'const x = 1', 'index.ts only exports'],
    ['a file too long', 'src/score/a.ts', '//\n'.repeat(451), '451 lines'],
    ['a service too long', 'src/service.ts', '//\n'.repeat(151), '151 lines, the ceiling is 150'],
    ['a function too long', 'src/score/a.ts', functionOf(71), '1: a function of 71 lines'],
    ['an arrow function too long', 'src/libp2p/a.ts', `x = (${functionOf(71).replace('function f () {', '() => {')})`, 'a function of 71 lines'],
    ['a method too long', 'src/service.ts', `class X {\n${functionOf(71).replace('function ', '')}}`, '2: a function of 71 lines'],
    ['a function too long', 'benchmarks/a.ts', `class A {\n  constructor () {\n${'//\n'.repeat(69)}  }\n}`, 'a function of 71 lines'],
    ['camel case', 'src/score/peerScore.ts', '', 'not kebab-case'],
    ['a drawer', 'benchmarks/utils.ts', '', 'say what is in it'],
    ['a misnamed file', 'src/score/a.ts', 'export function b () {}', 'its one export is b'],
    ['a value import below a type import', 'src/score/a.ts', "import type { X } from './x.ts'\nimport { y } from './y.ts'", 'a value import below a type import']
  ])('reports %s', (_, path, text, message) => {
    expect(checkSource(path, text)).toEqual([expect.stringContaining(message)])
  })

  test.each([
    ['types of libp2p in the core', 'src/score/a.ts', "import type { X } from '@libp2p/interface'"],
    ['lower layers', 'src/lookup/a.ts', "import { x } from '../selection/b.ts'\nimport { y } from './c.ts'\nimport type { Z } from '../keyspace/d.ts'"],
    ['an adapter describes kad-dht', 'src/libp2p/a.ts', "import type { X } from '../kad-dht/internals.ts'"],
    ['LevelDB in its store', 'src/persistence/level-score-store.ts', "import { Level } from 'level'"],
    ['LevelDB where it is loaded', 'src/persistence/load-level.ts', "export async function loadLevel () { return import('level') }"],
    ['the clock and casts at the edge', 'src/kad-dht/internals.ts', 'f(Date.now(), x as unknown as Y)'],
    ['members and locals that only look impure', 'src/lookup/a.ts', 'f(this.setTimeout, x.performance, Math.log2(2), new Date(5), { process: 1 })'],
    ['a name that every object has', 'src/persistence/a.ts', "import { toString as text } from 'uint8arrays/to-string'"],
    ['a function of 70 lines in a longer class', 'src/score/a.ts', `class A {\n  b = 1\n  c () {\n${'//\n'.repeat(68)}  }\n}`],
    ['abbreviations in the export', 'src/libp2p/dht-connections.ts', 'export class DHTConnections {}'],
    ['a verb in the export', 'benchmarks/report/table.ts', 'export function formatTable () {}'],
    ['a constant', 'benchmarks/testnet/testnet-protocol.ts', "export const TESTNET_PROTOCOL = ''"],
    ['a program with types', 'benchmarks/testnet/arms/arm-process.ts', 'export interface ArmCommands {}\nawait serve()'],
    ['a check by unknown', 'src/libp2p/a.ts', 'f(x as unknown)'],
    ['a function of 70 lines', 'src/score/a.ts', functionOf(70)],
    ['a class of more', 'src/score/a.ts', `class A {\n${functionOf(60).replace('function f', 'f')}${functionOf(60).replace('function f', 'g')}}`],
  ])('allows %s', (_, path, text) => {
    expect(checkSource(path, text)).toEqual([])
  })
})

describe('the checker of the tree', () => {
  test('reports a folder of more than 16 files, those of its rooms aside', () => {
    const files = (folder: string, count: number): Array<[string, string]> => Array.from({ length: count }, (_, i) => [`${folder}/a${i}.ts`, ''])

    expect(checkTree(new Map([...files('src/score', 17), ...files('src/libp2p', 16), ...files('src/libp2p/peers', 16), ...files('benchmarks/x', 17)]))).toEqual([
      'src/score: 17 files, the ceiling is 16'
    ])
  })

  test.each([
    ['of values', "import { x } from './b.ts'"],
    ['of types', "import type { X } from './b.ts'"],
    ['of a type named in place', "let x: import('./b.ts').X"]
  ])('reports a circle %s', (_, text) => {
    expect(checkTree(new Map([
      ['src/score/a.ts', text],
      ['src/score/b.ts', "import { x } from '../score/c.ts'"],
      ['src/score/c.ts', "export { x } from './a.ts'"]
    ]))).toEqual(['src/score/a.ts -> src/score/b.ts -> src/score/c.ts -> src/score/a.ts: a circle of imports'])
  })

  test('reports a simulated node that is more than an adapter', () => {
    const adapter = (lines: number): Array<[string, string]> => [['benchmarks/simulator/clients/scored/a.ts', '//\n'.repeat(200)], ['benchmarks/simulator/clients/scored/b.ts', '//\n'.repeat(lines - 200)]]

    expect(checkTree(new Map(adapter(290)))).toEqual([])
    expect(checkTree(new Map(adapter(291)))).toEqual(['benchmarks/simulator/clients/scored: 291 lines, the ceiling is 290'])
    expect(checkTree(new Map([['benchmarks/a.ts', '/** As in the live service, ms */']]))).toEqual(['benchmarks/a.ts: says what the live service does'])
  })

  test('allows two ways to one file', () => {
    expect(checkTree(new Map([
      ['src/score/a.ts', "import { x } from './b.ts'\nimport { y } from './c.ts'"],
      ['src/score/b.ts', "import { y } from './c.ts'"],
      ['src/score/c.ts', '']
    ]))).toEqual([])
  })
})

describe('the checker of the mirror', () => {
  test.each([
    ['a function', 'export function a () {}'],
    ['a class', 'export class A { b () {} }'],
    ['an error that does more', 'export class A extends Error { b () {} }'],
    ['a program', 'console.log(1)'],
    ['a function in a constant', 'export const a = { b: () => 1 }'],
    ['a constant that is made', 'export const a = new Map()']
  ])('wants a test of %s', (_, text) => {
    expect(checkMirror(new Map([['src/score/a.ts', text]]), ['test/score/b.test.ts', 'test/a.test.ts'], {})).toEqual(['src/score/a.ts: has no test of its own, test/score/a.test.ts'])
    expect(checkMirror(new Map([['src/score/a.ts', text]]), ['test/score/a.test.ts'], {})).toEqual([])
  })

  test.each([
    ['types', "import type { B } from './b.ts'\nexport interface A { b (): B }\nexport type C = () => void"],
    ['re-exports', "export { a } from './b.ts'\nexport type { B } from './b.ts'"],
    ['numbers', 'export const A = { b: -1, c: 60 * 1000, d: [1, 2] }'],
    ['an error', "export class A extends Error {\n  static name = 'A'\n  constructor () { super('a') }\n}"]
  ])('wants none of %s', (_, text) => {
    expect(checkMirror(new Map([['src/score/a.ts', text]]), [], {})).toEqual([])
  })

  test('wants none of the benchmarks, which have files that only real networks run', () => {
    expect(checkMirror(new Map([['benchmarks/a.ts', 'export function a () {}']]), [], {})).toEqual([])
  })

  test('reports an exception that is none', () => {
    const exceptions = { 'src/a.ts': 'it is small', 'src/b.ts': 'it is small', 'src/c.ts': 'it is small' }

    expect(checkMirror(new Map([['src/a.ts', 'export function a () {}'], ['src/b.ts', 'export function b () {}']]), ['test/b.test.ts'], exceptions)).toEqual([
      'src/b.ts: is no exception any more, test/b.test.ts is there',
      'src/c.ts: is no exception any more, the file is gone'
    ])
  })
})

/** The TypeScript files in folders, with their paths */
function filesIn (...folders: string[]): string[] {
  return folders.flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name}`))
}

/** A function of so many lines */
function functionOf (lines: number): string {
  return `function f () {\n${'//\n'.repeat(lines - 2)}}\n`
}
