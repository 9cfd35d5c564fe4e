import { cp, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as esbuild from 'esbuild'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { emptyProject } from './empty-project.ts'
import { NO_BROWSER, hasBrowser, openBrowser } from './open-browser.ts'
import { serve } from './static-server.ts'
import { WebServers } from './web-servers.ts'
import type { EmptyProject } from './empty-project.ts'
import type { StaticServer } from './static-server.ts'
import type { Browser, BrowserContext, Page } from 'playwright-core'

const USERS_PACKAGES = ['libp2p', '@libp2p/identify', '@libp2p/noise', '@libp2p/ping', '@libp2p/websockets', '@libp2p/yamux']

const FLUSH_MS = 1_000
/** For a busy machine to do what is due */
const GRACE_MS = 2_000
/** No test lasts so long */
const NEVER_MS = 3_600_000

/** What Chromium itself says, which closes the connections of a page that it keeps, and when something is sent there before the page is told so */
const KEPT_PAGE = /^WebSocket (connection to .* failed: Page entered Back-Forward Cache|is already in CLOSING or CLOSED state)\.$/

interface Peer {
  id: string
  record: Record<string, unknown>
}

/** What test/bundles/programs/life.js offers */
interface Life {
  cameBack: boolean
  start: (flushIntervalMs: number) => Promise<string[]>
  stop: () => Promise<void>
  lookUp: (servers?: string[]) => Promise<string[]>
  keepLookingUp: () => void
  scores: () => Array<Peer & { class: string }>
  stored: () => Promise<{ peers: Peer[], unreadable: unknown[] }>
}

declare const life: Life

let project: EmptyProject
let server: StaticServer
let browser: Browser

describe.skipIf(!hasBrowser)(hasBrowser ? 'the scores of a page' : NO_BROWSER, () => {
  beforeAll(async () => {
    project = await emptyProject(USERS_PACKAGES)
    await cp(resolve('test/bundles/programs'), project.directory, { recursive: true })
    const outdir = join(project.directory, 'page')
    await mkdir(outdir)
    await cp(join(project.directory, 'life.html'), join(outdir, 'index.html'))
    await esbuild.build({ entryPoints: [join(project.directory, 'life.js')], bundle: true, format: 'esm', outdir, logLevel: 'silent' })
    server = await serve(outdir)
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser.close()
    await server.close()
    await project.remove()
  })

  test('are there again after another page of its origin was shown', async () => {
    const { page, reader, told } = await openTabs()
    const servers = await startServers(3)

    expect(await page.evaluate(async ms => life.start(ms), FLUSH_MS)).toEqual([])
    expect(await page.evaluate(async addresses => life.lookUp(addresses), servers.addresses)).toEqual(servers.ids)
    await expect.poll(async () => idsStored(reader), { timeout: FLUSH_MS + GRACE_MS }).toEqual(servers.ids)
    await page.goto(`${server.url}?other`)
    expect(await idsStored(page)).toEqual(servers.ids)
    await page.goto(server.url)
    expect(await page.evaluate(async ms => life.start(ms), FLUSH_MS)).toEqual(servers.ids)
    expect(told().filter(line => !KEPT_PAGE.test(line))).toEqual([])
  })

  test('go on where they were when the browser kept the page for the way back, and no peer is held for worse', async () => {
    const { page, told } = await openTabs()
    const servers = await startServers(3)

    await page.evaluate(async ms => life.start(ms), NEVER_MS)
    await page.evaluate(async addresses => life.lookUp(addresses), servers.addresses)
    await page.evaluate(() => { life.keepLookingUp() })
    await page.goto(`${server.url}?other`)
    // the page that is kept keeps no lock either
    expect(await idsStored(page)).toEqual([])
    await page.goBack({ waitUntil: 'commit' })

    expect(await page.evaluate(() => life.cameBack)).toBe(true)
    expect(await page.evaluate(async () => life.lookUp())).toEqual(servers.ids)
    expect(await page.evaluate(() => life.scores().map(({ id, class: name }) => ({ id, name })))).toEqual(servers.ids.map(id => ({ id, name: 'good' })))
    await page.evaluate(async () => life.stop())
    expect(await idsStored(page)).toEqual(servers.ids)
    expect(told().filter(line => !KEPT_PAGE.test(line))).toEqual([])
  })

  test('cost at most one flush interval when the tab is closed abruptly', async () => {
    const { context, page, reader } = await openTabs()
    const servers = await startServers(3)

    await page.evaluate(async ms => life.start(ms), FLUSH_MS)
    await page.evaluate(async addresses => life.lookUp(addresses), servers.addresses)
    await expect.poll(async () => idsStored(reader), { timeout: FLUSH_MS + GRACE_MS }).toEqual(servers.ids)
    await crash(page)

    // a tab that had no time to write anything leaves what was there
    const before = await reader.evaluate(async () => life.stored())
    const second = await openTab(context)
    expect(await second.evaluate(async ms => life.start(ms), NEVER_MS)).toEqual(servers.ids)
    await second.evaluate(async addresses => life.lookUp(addresses), servers.addresses)
    await crash(second)

    expect(await reader.evaluate(async () => life.stored())).toEqual(before)
    expect(before.unreadable).toEqual([])
  })

  test('are written as soon as the tab is hidden', async () => {
    const { page, reader, told } = await openTabs()
    const servers = await startServers(3)

    await page.evaluate(async ms => life.start(ms), NEVER_MS)
    await page.evaluate(async addresses => life.lookUp(addresses), servers.addresses)
    expect(await idsStored(reader)).toEqual([])

    // a headless browser shows all its tabs all the time
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    })

    await expect.poll(async () => idsStored(reader), { timeout: GRACE_MS }).toEqual(servers.ids)
    expect(told()).toEqual([])
  })

  test('are written anew when the user has cleared the data of the site, and servers that are gone leave no error uncaught', async () => {
    const { context, page, reader, told } = await openTabs()
    const servers = await startServers(3)
    const { ids, addresses } = servers

    await page.evaluate(async ms => life.start(ms), FLUSH_MS)
    await page.evaluate(async addresses => life.lookUp(addresses), addresses)
    await expect.poll(async () => idsStored(reader), { timeout: FLUSH_MS + GRACE_MS }).toEqual(ids)
    const session = await context.newCDPSession(page)
    await session.send('Storage.clearDataForOrigin', { origin: new URL(server.url).origin, storageTypes: 'indexeddb' })
    expect(await idsStored(reader)).toEqual([])
    await page.evaluate(async () => life.lookUp())
    // the first attempt finds the database closed, the second opens it
    await expect.poll(async () => idsStored(reader), { timeout: 2 * FLUSH_MS + GRACE_MS }).toEqual(ids)

    await servers.stop()
    expect(await page.evaluate(async () => life.lookUp())).toEqual([])
    await page.evaluate(async () => life.stop())
    expect(told().filter(line => !line.startsWith('WebSocket '))).toEqual([])
  })

  test('are those of both when two tabs run at the same time, and of a peer that both have asked those of the last writer', async () => {
    const { context, page: one, reader, told } = await openTabs()
    const two = await openTab(context)
    const [onlyOne, onlyTwo, both] = await Promise.all([startServers(2), startServers(2), startServers(1)])
    const all = [...onlyOne.ids, ...onlyTwo.ids, ...both.ids].sort()
    const known = [[...onlyOne.ids, ...both.ids].sort(), [...onlyTwo.ids, ...both.ids].sort()]

    // they write as often as they may
    await Promise.all([one, two].map(async tab => tab.evaluate(async () => life.start(100))))
    await Promise.all([
      one.evaluate(async addresses => life.lookUp(addresses), [...onlyOne.addresses, ...both.addresses]),
      two.evaluate(async addresses => life.lookUp(addresses), [...onlyTwo.addresses, ...both.addresses])
    ])
    const lookUpInBoth = async (): Promise<string[][]> => Promise.all([one, two].map(async tab => tab.evaluate(async () => life.lookUp())))
    // a server that does not know the others is asked when it was identified
    await expect.poll(lookUpInBoth).toEqual(known)

    for (let i = 0; i < 10; i++) {
      expect(await lookUpInBoth()).toEqual(known)
      expect((await reader.evaluate(async () => life.stored())).unreadable).toEqual([])
    }

    await expect.poll(async () => idsStored(reader)).toEqual(all)
    const three = await openTab(context)
    expect(await three.evaluate(async () => life.start(100)), 'what a third tab finds').toEqual(all)
    await three.evaluate(async () => life.stop())

    const [ofOne] = await Promise.all([one.evaluate(() => life.scores()), one.evaluate(async () => life.stop())])
    await two.evaluate(async () => life.lookUp())
    const [ofTwo] = await Promise.all([two.evaluate(() => life.scores()), two.evaluate(async () => life.stop())])
    const { peers } = await reader.evaluate(async () => life.stored())
    const records = new Map(peers.map(({ id, record }) => [id, record.latencyMs]))

    expect(peers.map(({ id }) => id)).toEqual(all)

    for (const { id, record } of [...ofOne.filter(({ id }) => onlyOne.ids.includes(id)), ...ofTwo]) {
      expect(records.get(id)).toBeCloseTo(Number(record.latencyMs), 3)
    }

    expect(told()).toEqual([])
  })
})

/** A profile of its own, with a tab for a node and one that reads what is stored */
async function openTabs (): Promise<{ context: BrowserContext, page: Page, reader: Page, told: () => string[] }> {
  const context = await browser.newContext()
  onTestFinished(async () => { await context.close() })
  const lines: string[] = []
  context.on('console', message => { lines.push(message.text()) })
  // errors that nobody caught, and rejections
  context.on('weberror', webError => { lines.push(String(webError.error().stack)) })

  return { context, page: await openTab(context), reader: await openTab(context), told: () => lines }
}

async function openTab (context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto(server.url)

  return page
}

async function startServers (count: number): Promise<WebServers> {
  const servers = await WebServers.start(count)
  onTestFinished(async () => { await servers.stop() })

  return servers
}

async function idsStored (page: Page): Promise<string[]> {
  const { peers } = await page.evaluate(async () => life.stored())

  return peers.map(({ id }) => id)
}

/** Ends the process of a tab */
async function crash (page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const session = await page.context().newCDPSession(page)
  session.send('Page.crash').catch(() => {})
  await crashed
}
