import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as esbuild from 'esbuild'
import * as vite from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { emptyProject } from './empty-project.ts'
import { NO_BROWSER, hasBrowser, openBrowser } from './open-browser.ts'
import { serve } from './static-server.ts'
import { WebServers } from './web-servers.ts'
import type { EmptyProject } from './empty-project.ts'
import type { Page } from 'playwright-core'

const run = promisify(execFile)

/** What the programs have of their own */
const USERS_PACKAGES = ['libp2p', '@libp2p/identify', '@libp2p/noise', '@libp2p/ping', '@libp2p/tcp', '@libp2p/websockets', '@libp2p/yamux']

/** Kept from the bundle, as a bundler can't take in the native module that it loads */
const NATIVE = ['level']

let project: EmptyProject

beforeAll(async () => {
  project = await emptyProject(USERS_PACKAGES)
  await cp(resolve('test/bundles/programs'), project.directory, { recursive: true })
}, 60_000)

afterAll(async () => {
  await project.remove()
})

describe('a program bundled for Node by esbuild', () => {
  test.each(['esm', 'cjs'] as const)('as %s finds peers', async format => {
    expect(await runBundle(await bundleForNode(format))).toEqual({ restored: 0, found: 1, scored: 'good' })
  })

  test.each(['esm', 'cjs'] as const)('as %s without level keeps its scores at a location', async format => {
    const bundle = await bundleForNode(format, NATIVE)
    const location = join(project.directory, `scores-${format}`)

    expect(await runBundle(bundle, location)).toEqual({ restored: 0, found: 1, scored: 'good' })
    expect(await runBundle(bundle, location)).toEqual({ restored: 1, found: 1, scored: 'good' })
  })

  test.each(['esm', 'cjs'] as const)('as %s with level says at a location what to leave out', async format => {
    const bundle = await bundleForNode(format, [], 'store')

    await expect(runBundle(bundle, join(project.directory, 'nothing'))).rejects.toMatchObject({
      stderr: expect.stringMatching(/^ScoreStoreError: .*the package level can't be loaded \(.+\)\. A bundle for Node has to leave it out, as with esbuild's --external:level/)
    })
  })
})

describe('a page', () => {
  test.for<[string, () => Promise<string>]>([
    ['esbuild', pageOfEsbuild],
    ['vite', pageOfVite],
    ['vite\'s development server', pageOfViteServer]
  ])('bundled by %s looks up peers and finds its scores again after a reload', async ([, bundle], { skip }) => {
    const url = new URL(await bundle())
    skip(!hasBrowser, NO_BROWSER)
    const servers = await WebServers.start(3)
    onTestFinished(async () => { await servers.stop() })
    servers.addresses.forEach(address => { url.searchParams.append('server', address) })
    const opened = await openBrowser()
    onTestFinished(async () => { await opened.close() })
    const page = await opened.newPage()
    const errors: string[] = []
    page.on('pageerror', err => { errors.push(String(err.stack)) })

    await page.goto(url.href)
    expect(await visitOf(page)).toEqual({ restored: [], found: servers.ids })
    await page.reload()
    expect(await visitOf(page)).toEqual({ restored: servers.ids, found: servers.ids })
    expect(await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))).toEqual(['level-js-peer-scores'])
    expect(errors).toEqual([])
  })

  test('carries IndexedDB\'s part only where a location is opened', async () => {
    const sizes = { scored: await sizesOf('libp2p-scored-routing', 'scoredKadDHT'), stock: await sizesOf('@libp2p/kad-dht', 'kadDHT') }
    const kB = (bytes: number): string => `${Math.round(bytes / 1000)} kB`

    console.info(`Browser bundle, minified: scoredKadDHT ${kB(sizes.scored.first)} and ${kB(sizes.scored.later)} where a location is opened, kadDHT ${kB(sizes.stock.first)}`)
    expect(sizes.scored.later).toBeGreaterThan(0)
    expect(sizes.stock.later).toBe(0)
  })
})

async function bundleForNode (format: 'esm' | 'cjs', external: string[] = [], program = 'node'): Promise<string> {
  // beside node_modules, where it finds what it does not contain
  const outfile = join(project.directory, `${program}-${external.length}.${format === 'esm' ? 'mjs' : 'cjs'}`)
  const { warnings } = await esbuild.build({ entryPoints: [join(project.directory, `${program}.js`)], bundle: true, platform: 'node', format, external, outfile, logLevel: 'silent' })

  expect(warnings).toEqual([])

  return outfile
}

async function runBundle (bundle: string, location?: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, location === undefined ? [bundle] : [bundle, location])

  return JSON.parse(stdout)
}

async function pageOfEsbuild (): Promise<string> {
  const outdir = join(project.directory, 'page')
  await mkdir(outdir)
  await cp(join(project.directory, 'index.html'), join(outdir, 'index.html'))
  const { warnings } = await esbuild.build({ entryPoints: [join(project.directory, 'page.js')], bundle: true, format: 'esm', outdir, logLevel: 'silent' })
  expect(warnings).toEqual([])

  return served(outdir)
}

async function pageOfVite (): Promise<string> {
  await vite.build({ root: project.directory, logLevel: 'silent', configFile: false })

  return served(join(project.directory, 'dist'))
}

async function pageOfViteServer (): Promise<string> {
  const server = await vite.createServer({ root: project.directory, logLevel: 'silent', configFile: false, server: { host: '127.0.0.1', port: 0, fs: { strict: false } } })
  await server.listen()
  onTestFinished(async () => { await server.close() })

  return server.resolvedUrls?.local[0] ?? ''
}

async function served (directory: string): Promise<string> {
  const { url, close } = await serve(directory)
  onTestFinished(close)

  return url
}

/** Bytes of a page that imports one name: at once, and when it needs them */
async function sizesOf (from: string, name: string): Promise<{ first: number, later: number }> {
  const outdir = join(project.directory, `size-of-${name}`)
  const entry = join(project.directory, `${name}.js`)
  await writeFile(entry, `import { ${name} } from '${from}'\nglobalThis.dht = ${name}\n`)
  const { metafile } = await esbuild.build({ entryPoints: [entry], bundle: true, minify: true, splitting: true, format: 'esm', outdir, metafile: true, logLevel: 'silent' })
  const files = Object.entries(metafile.outputs)
  const first = files.filter(([, { entryPoint }]) => entryPoint?.endsWith(`${name}.js`))
  const sum = (bytes: number[]): number => bytes.reduce((a, b) => a + b, 0)
  const total = sum(files.map(([, { bytes }]) => bytes))

  return { first: sum(first.map(([, { bytes }]) => bytes)), later: total - sum(first.map(([, { bytes }]) => bytes)) }
}

/** What the page did when it was opened */
async function visitOf (page: Page): Promise<unknown> {
  return page.evaluate(async () => (globalThis as unknown as { visit: Promise<unknown> }).visit)
}
