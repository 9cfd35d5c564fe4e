import { DeadPort } from './dead-port.ts'

/**
 * Below the ports that operating systems give to outgoing connections: a peer that
 * refuses connections has its port closed, and must find it free when it comes
 * back
 */
const PORTS = { first: 10_000, last: 32_000 }

/** Testnets that run at the same time have process ids close to each other: this far apart they don't meet */
const PORTS_PER_PROCESS = 997

let next = PORTS.first + process.pid * PORTS_PER_PROCESS % (PORTS.last - PORTS.first)

/**
 * A port that is free and that no other call has returned, until all were
 *
 * @throws {Error} No port of the range is free
 */
export async function reservePort (): Promise<number> {
  for (let tries = PORTS.first; tries <= PORTS.last; tries++) {
    const port = next
    next = next === PORTS.last ? PORTS.first : next + 1

    try {
      const probe = await DeadPort.open(port)
      await probe.close()

      return port
    } catch (err) {
      if (err.code !== 'EADDRINUSE') {
        throw err
      }
    }
  }

  throw new Error(`No free port from ${PORTS.first} to ${PORTS.last}`)
}
