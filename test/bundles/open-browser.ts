import { chromium } from 'playwright-core'
import { findChromium } from './find-chromium.ts'
import type { Browser } from 'playwright-core'

/** Why no page is opened */
export const NO_BROWSER = 'Browser bundles are built but not opened: there is no Chromium on the search path, and none in the environment variable CHROMIUM'

const executablePath = await findChromium()

/** Whether there is a browser on this machine */
export const hasBrowser = executablePath !== undefined

if (!hasBrowser) {
  console.warn(NO_BROWSER)
}

/**
 * A headless Chromium that keeps pages for the way back, as users have it
 */
export async function openBrowser (): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    ignoreDefaultArgs: ['--disable-back-forward-cache']
  })
}
