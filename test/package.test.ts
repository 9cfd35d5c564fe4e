import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, normalize, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { NAME, emptyProject } from './bundles/empty-project.ts'
import { codeBlocksOf, relativeLinksOf } from './bundles/markdown.ts'
import type { EmptyProject } from './bundles/empty-project.ts'

const run = promisify(execFile)

/** What a user's project has of its own, beside what the package depends on */
const USERS_PACKAGES = ['libp2p', 'helia', '@helia/bitswap', '@helia/libp2p', '@libp2p/identify', '@libp2p/noise', '@libp2p/ping', '@libp2p/tcp', '@libp2p/yamux', '@types/node']

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    // libp2p's own declarations need them
    types: ['node'],
    outDir: 'build'
  },
  files: ['main.ts', 'fastest-first.test.ts']
}

const PROGRAM = `
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { EpsilonGreedySelector, IncompatibleKadDHTError, InvalidParametersError, InvalidSelectorError, LevelScoreStore, ScoredRoutingTable, scoredKadDHT, xorWindow } from '${NAME}'
import { FastestFirst } from './fastest-first.js'
import type { Candidate, Choice, ScoringInit } from '${NAME}'

let choices = 0

class Counting extends FastestFirst {
  override select (candidates: readonly Candidate[]): Choice {
    choices++

    return super.select(candidates)
  }
}

async function createNode (clientMode: boolean, scoring: ScoringInit) {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping(),
      dht: scoredKadDHT({ protocol: '/empty/project', clientMode, peerInfoMapper: peer => peer, initialQuerySelfInterval: 10, scoring })
    }
  })
}

const server = await createNode(false, {})
const client = await createNode(true, { location: './peer-scores', selector: new Counting() })
await client.dial(server.getMultiaddrs())

const found: string[] = []

for await (const event of client.services.dht.getClosestPeers(client.peerId.toMultihash().bytes)) {
  if (event.name === 'FINAL_PEER') {
    found.push(event.peer.id.toString())
  }
}

let refused: string | undefined

try {
  new EpsilonGreedySelector({ epsilon: 2, random: Math.random })
} catch (err) {
  refused = err instanceof InvalidParametersError ? err.name : undefined
}

const table: ScoredRoutingTable<string> = client.services.dht.scoredRoutingTable
const { peerClass, whereabouts } = table.why(server.peerId.toString(), performance.timeOrigin + performance.now())

console.log(JSON.stringify({
  found,
  peerClass,
  place: whereabouts.place,
  refused,
  server: server.peerId.toString(),
  scored: client.services.dht.scores != null,
  choices,
  exports: [EpsilonGreedySelector, IncompatibleKadDHTError, InvalidParametersError, InvalidSelectorError, LevelScoreStore, ScoredRoutingTable, xorWindow].map(({ name }) => name)
}))
await client.stop()
await server.stop()
`

/** How TypeScript can be told to find packages, and what goes with it */
const RESOLUTIONS = [
  { moduleResolution: 'node10', module: 'esnext', ignoreDeprecations: '6.0' },
  { moduleResolution: 'node16', module: 'node16' },
  { moduleResolution: 'nodenext', module: 'nodenext' },
  { moduleResolution: 'bundler', module: 'esnext' },
  { moduleResolution: 'bundler', module: 'preserve' }
]

const TYPED = `
import { libp2pDefaults } from '@helia/libp2p'
import { ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { scoredKadDHT } from '${NAME}'
import { testPeerSelector, testScoreStore } from '${NAME}/testing'
import type { PeerSelector, ScoreBook, ScoreStore, ScoredKadDHT } from '${NAME}'
import type { StoreGround, TestFunction } from '${NAME}/testing'

const best: PeerSelector = { select: () => ({ index: 0, reason: 'exploit' }) }
declare const test: TestFunction
declare const store: ScoreStore
const ground: StoreGround = { store: () => store }
testPeerSelector({ test, name: 'best', create: () => best })
testScoreStore({ test, name: 'store', prepare: async () => ground })

// @ts-expect-error it makes no selector
testPeerSelector({ test, name: 'none', create: () => 0 })
const node = await createLibp2p({ services: { dht: scoredKadDHT({ clientMode: true, scoring: { selector: best } }), ping: ping() } })
const dht: ScoredKadDHT = node.services.dht
const scores: ScoreBook = dht.scores
export const score: number = scores.top(1)[0].score

const helia = libp2pDefaults()
helia.services.dht = scoredKadDHT({ scoring: { store } })

// @ts-expect-error it is no string
export const wrong: string = scores.size
`

/** The declarations of @libp2p/http 2.0, on which Helia depends, have an error where optional properties are exact */
const HELIA_OPTIONS = { skipLibCheck: true }

/** Put before Helia is made: keeps it on this machine. What is replaced looks for servers on the internet, or for a router in this network. */
const ON_LOOPBACK = `
libp2p.addresses.listen = ['/ip4/127.0.0.1/tcp/0']
libp2p.peerDiscovery = []

for (const name of ['autoTLS', 'delegatedContentRouting', 'delegatedPeerRouting', 'upnp']) {
  libp2p.services[name] = () => ({})
}
`

/** Put behind the start of Helia */
const TELL_AND_STOP = `
console.log('scores' in helia.libp2p.services.dht)
await helia.stop()
`

/** What the examples that have no imports speak of */
const EXAMPLES_CONTEXT = `
import type { Libp2p, PeerId } from '@libp2p/interface'
import type { ScoredKadDHT } from '${NAME}'
import type { CID } from 'multiformats/cid'

declare const node: Libp2p<{ dht: ScoredKadDHT }>
declare const peerId: PeerId
declare const cids: CID[]
declare const dht: ScoredKadDHT
declare const signal: AbortSignal
`

const REQUIRED = `
const { InvalidParametersError, scoredKadDHT } = require('${NAME}')
const { kadDHT } = require('@libp2p/kad-dht')

try {
  scoredKadDHT({ scoring: { epsilon: 2 } })
} catch (err) {
  console.log(typeof kadDHT, typeof scoredKadDHT(), err instanceof InvalidParametersError)
}
`

let empty: EmptyProject
let project: string

beforeAll(async () => {
  empty = await emptyProject(USERS_PACKAGES)
  project = empty.directory

  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  await writeFile(join(project, 'main.ts'), PROGRAM)

  for (const code of await examplesOf('README.md')) {
    const [, name] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? []

    if (name !== undefined) {
      await writeFile(join(project, name), code)
    }
  }

  await writeFile(join(project, 'typed.ts'), TYPED)
  await writeFile(join(project, 'required.cjs'), REQUIRED)
})

afterAll(async () => {
  await empty.remove()
})

test('only src, dist, texts and figures are packed', () => {
  const { files } = inject('packed')
  const tops = new Set(files.map(path => path.split('/')[0]))

  expect([...tops].sort()).toEqual(['LICENSE', 'README.md', 'benchmarks', 'dist', 'package.json', 'src'])
  expect(files.filter(path => path.startsWith('benchmarks/') && !/\.(md|svg)$/.test(path))).toEqual([])
  expect(files).toEqual(expect.arrayContaining(['src/index.ts', 'dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js', 'dist/testing/index.js', 'dist/testing/index.d.ts']))
  expect(files.filter(path => /tsconfig|tsbuildinfo|\.test\./.test(path))).toEqual([])
})

test('every link and picture of a packed document leads to a packed file', async () => {
  const { files } = inject('packed')
  const documents = files.filter(path => path.endsWith('.md'))
  const missing: string[] = []

  for (const path of documents) {
    const links = relativeLinksOf(await readFile(join(project, 'node_modules', NAME, path), 'utf8')).map(link => link.split('#')[0])
    missing.push(...links.filter(link => link !== '' && !files.includes(normalize(join(dirname(path), link)))).map(link => `${path}: ${link}`))
  }

  expect(documents).toContain('README.md')
  expect(missing).toEqual([])
})

test('the quick start of README.md type-checks in a strict project, and one node finds what the other provides', async () => {
  const [quickStart] = await examplesOf('README.md')
  await check('quick-start.ts', quickStart)
  const { stdout } = await run(process.execPath, ['build/quick-start.js'], { cwd: project })

  expect(stdout).toMatch(/^12D3Koo\w+ provides bafk\w+\n$/)
}, 60_000)

test('README.md has all installed that its quick start imports', async () => {
  const blocks = codeBlocksOf(await readFile('README.md', 'utf8'))
  const installed = blocks.find(({ language }) => language === 'sh')?.code.trim().split(' ')
  const imported = Array.from(blocks.find(({ language }) => language === 'ts')?.code.matchAll(/ from '(@[^/']+\/[^/']+|[^/']+)/g) ?? [], ([, name]) => name)

  expect(imported).toContain('multiformats')
  expect(imported.filter(name => installed?.includes(name) !== true)).toEqual([])
})

test.each([
  ['createHelia', 'with HTTP routing'],
  ['createHeliaLight', 'without it']
])('the example of %s, %s, type-checks in a strict project, has our DHT, says so in the log and ends by itself', async maker => {
  const examples = await examplesOf('src/libp2p/README.md')
  const example = examples.find(code => code.includes(`import { ${maker} } from 'helia'`)) ?? ''
  expect(example.split('const helia = ')).toHaveLength(2)

  await check(`${maker}.ts`, `${example.replace('const helia = ', `${ON_LOOPBACK}$&`)}${TELL_AND_STOP}`, HELIA_OPTIONS)
  const { stdout, stderr } = await run(process.execPath, [`build/${maker}.js`], { cwd: project, env: { ...process.env, DEBUG: 'libp2p:kad-dht*' }, timeout: 20_000 })

  expect(stdout).toBe('true\n')
  expect(stderr.match(/libp2p:kad-dht:scoring .*scoredKadDHT started on \/ipfs\/kad\/1\.0\.0 in client mode, with 0 scores from score store at /g)).toHaveLength(1)
}, 60_000)

test.each(['README.md', 'src/libp2p/README.md'])('the short examples of %s type-check', async path => {
  const examples = (await examplesOf(path)).filter(code => !code.includes('import '))
  expect(examples.length).toBeGreaterThan(0)

  await check('examples.ts', [EXAMPLES_CONTEXT, ...examples].join('\n'))
})

test('an empty strict project with the package type-checks, libraries included, and runs', async () => {
  await tsc('-p', '.')
  const { stdout } = await run(process.execPath, ['build/main.js'], { cwd: project })
  const result = JSON.parse(stdout)

  expect(result.found).toEqual([result.server])
  expect(result.scored).toBe(true)
  expect(result).toMatchObject({ peerClass: 'good', place: 'bucket' })
  expect(result.exports).toEqual(['EpsilonGreedySelector', 'IncompatibleKadDHTError', 'InvalidParametersError', 'InvalidSelectorError', 'LevelScoreStore', 'ScoredRoutingTable', 'xorWindow'])
  expect(result.choices, 'the selector of the README was asked').toBeGreaterThan(0)
  expect(result.refused).toBe('InvalidParametersError')
}, 60_000)

test("the README's own selector passes the suite that the package brings, under node:test", async () => {
  await tsc('-p', '.')
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter', 'tap', 'build/fastest-first.test.js'], { cwd: project, env: withoutVitest() })

  expect(stdout).toMatch(/^ok \d+ - FastestFirst: takes the only candidate$/m)
  expect(stdout).toMatch(/^# pass [1-9]/m)
  expect(stdout).toMatch(/^# fail 0$/m)
}, 60_000)

test.each(RESOLUTIONS)('its types are found, and true, with moduleResolution $moduleResolution and module $module', async options => {
  const name = `tsconfig.${options.moduleResolution}.${options.module}.json`
  const compilerOptions = { target: 'es2024', strict: true, skipLibCheck: true, noEmit: true, types: ['node'], ...options }
  await writeFile(join(project, name), JSON.stringify({ compilerOptions, files: ['typed.ts'] }))

  await tsc('-p', name)
})

test('a CommonJS program can require it, as it can kad-dht', async () => {
  const { stdout, stderr } = await run(process.execPath, ['required.cjs'], { cwd: project })

  expect(stdout).toBe('function function true\n')
  expect(stderr).toBe('')
})

test('its command reads the scores that the program left behind', async () => {
  const { bin } = JSON.parse(await readFile('package.json', 'utf8'))
  const { stdout } = await run(process.execPath, [join('node_modules', NAME, bin[NAME]), 'inspect', 'peer-scores', '--json'], { cwd: project })

  expect(JSON.parse(stdout)).toBeTypeOf('object')
})

/** The TypeScript in a document of the package */
async function examplesOf (path: string): Promise<string[]> {
  const text = await readFile(join(project, 'node_modules', NAME, path), 'utf8')

  return codeBlocksOf(text).filter(({ language }) => language === 'ts').map(({ code }) => code)
}

/** Compiles a file as the user's strict project would */
async function check (name: string, code: string, compilerOptions: object = {}): Promise<void> {
  await writeFile(join(project, name), code)
  await writeFile(join(project, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions: { ...TSCONFIG.compilerOptions, ...compilerOptions }, files: [name] }))
  await tsc('-p', `tsconfig.${name}.json`)
}

/** A test runner that is started by another one would report to that */
function withoutVitest (): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST|NODE_OPTIONS|NODE_V8)/.test(name)))
}

/** Runs the compiler in the project; what it has to say is the error */
async function tsc (...args: string[]): Promise<void> {
  await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...args], { cwd: project }).catch(({ stdout }) => { throw new Error(stdout) })
}
