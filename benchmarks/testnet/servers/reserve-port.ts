import { createServer } from 'node:net'

/**
 * Range of ports, below those that operating systems give to outgoing connections. A peer
 * that refuses connections has closed its port. When it comes back, the port has to be
 * free still.
 */
const PORTS = { first: 10_000, last: 31_999 }

/** A process reserves this many ports at a time. It listens on the first of them, and this tells other processes that the whole block is taken. */
const BLOCK = 500
const BLOCKS = (PORTS.last - PORTS.first + 1) / BLOCK

const free: number[] = []
let taking: Promise<void> | undefined

/**
 * A port that is free. No other call has returned it, and no other process gets it from
 * here until this process ends.
 *
 * @throws {Error} No port of the range is free
 */
export async function reservePort (): Promise<number> {
  for (;;) {
    const port = free.shift()

    if (port === undefined) {
      // several calls may wait for the same block
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

/** Returns false when somebody else has the port */
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
