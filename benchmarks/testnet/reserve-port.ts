import { createServer } from 'node:net'

/**
 * Below the ports that operating systems give to outgoing connections: a peer that
 * refuses connections has its port closed, and must find it free when it comes
 * back
 */
const PORTS = { first: 10_000, last: 31_999 }

/** Processes take so many ports at a time, and the first of them tells that the others are taken, open or not */
const BLOCK = 500
const BLOCKS = (PORTS.last - PORTS.first + 1) / BLOCK

const free: number[] = []
let taking: Promise<void> | undefined

/**
 * A port that is free, that no other call has returned, and that no other process
 * gets from here until this one ends
 *
 * @throws {Error} No port of the range is free
 */
export async function reservePort (): Promise<number> {
  for (;;) {
    const port = free.shift()

    if (port === undefined) {
      // many may wait for the same
      taking ??= takeBlock().finally(() => { taking = undefined })
      await taking
    } else if (await isFree(port)) {
      return port
    }
  }
}

async function takeBlock (): Promise<void> {
  for (let tries = 0; tries < BLOCKS; tries++) {
    const first = PORTS.first + (process.pid + tries) % BLOCKS * BLOCK

    if (await listens(createServer().unref(), first)) {
      free.push(...Array.from({ length: BLOCK - 1 }, (_, index) => first + 1 + index))

      return
    }
  }

  throw new Error(`No free port from ${PORTS.first} to ${PORTS.last}`)
}

async function isFree (port: number): Promise<boolean> {
  const server = createServer()
  const isFree = await listens(server, port)
  const { promise, resolve } = Promise.withResolvers<void>()

  server.close(() => { resolve() })
  await promise

  return isFree
}

/** False when somebody else has the port */
async function listens (server: ReturnType<typeof createServer>, port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()

  server
    .once('error', (err: NodeJS.ErrnoException) => {
      if (err.code === 'EADDRINUSE') {
        resolve(false)
      } else {
        reject(err)
      }
    })
    .listen(port, '127.0.0.1', () => { resolve(true) })

  return promise
}
