import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const NAME = 'libp2p-scored-routing'

/** What a user's project has of its own, beside what the package depends on */
const USERS_PACKAGES = ['libp2p', '@libp2p/identify', '@libp2p/noise', '@libp2p/ping', '@libp2p/tcp', '@libp2p/yamux', '@types/node']

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
  files: ['main.ts']
}

const PROGRAM = `
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { EpsilonGreedySelector, IncompatibleKadDHTError, InvalidParametersError, LevelScoreStore, scoredKadDHT } from '${NAME}'
import type { ScoringInit } from '${NAME}'

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
const client = await createNode(true, { location: './peer-scores' })
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

console.log(JSON.stringify({
  found,
  refused,
  server: server.peerId.toString(),
  scored: client.services.dht.scores != null,
  exports: [EpsilonGreedySelector, IncompatibleKadDHTError, InvalidParametersError, LevelScoreStore].map(({ name }) => name)
}))
await client.stop()
await server.stop()
`

let project: string
let packed: { filename: string, files: Array<{ path: string }> }

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'empty-project-'))
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', project])
  packed = JSON.parse(stdout.slice(stdout.indexOf('[\n')))[0]

  await mkdir(join(project, 'node_modules', NAME), { recursive: true })
  await run('tar', ['-xzf', join(project, packed.filename), '-C', join(project, 'node_modules', NAME), '--strip-components=1'])

  // instead of a download: what npm would have installed, and nothing else
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'))

  for (const name of new Set([...USERS_PACKAGES, ...Object.keys(dependencies)])) {
    const link = join(project, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(resolve('node_modules', name), link)
  }

  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  await writeFile(join(project, 'main.ts'), PROGRAM)
}, 120_000)

afterAll(async () => {
  await rm(project, { recursive: true, force: true })
})

test('only src, dist and the texts are packed', () => {
  const tops = new Set(packed.files.map(({ path }) => path.split('/')[0]))
  const files = packed.files.map(({ path }) => path)

  expect([...tops].sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'src'])
  expect(files).toEqual(expect.arrayContaining(['src/index.ts', 'dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js']))
  expect(files.filter(path => /tsconfig|tsbuildinfo|\.test\./.test(path))).toEqual([])
})

test('an empty strict project with the package type-checks, libraries included, and runs', async () => {
  await run(process.execPath, [resolve('node_modules/typescript/bin/tsc')], { cwd: project }).catch(({ stdout }) => { throw new Error(stdout) })
  const { stdout } = await run(process.execPath, ['build/main.js'], { cwd: project })
  const result = JSON.parse(stdout)

  expect(result.found).toEqual([result.server])
  expect(result.scored).toBe(true)
  expect(result.exports).toEqual(['EpsilonGreedySelector', 'IncompatibleKadDHTError', 'InvalidParametersError', 'LevelScoreStore'])
  expect(result.refused).toBe('InvalidParametersError')
}, 60_000)

test('its command reads the scores that the program left behind', async () => {
  const { bin } = JSON.parse(await readFile('package.json', 'utf8'))
  const { stdout } = await run(process.execPath, [join('node_modules', NAME, bin[NAME]), 'inspect', 'peer-scores', '--json'], { cwd: project })

  expect(JSON.parse(stdout)).toBeTypeOf('object')
})
