import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { ChildProcess } from 'node:child_process'

const run = promisify(execFile)

const START_MS = 30_000
const TIMEOUT_MS = 10_000

/** Limit of the log that is kept, characters */
const MAX_LOG = 4_000_000

/** Kubo's names of the modes */
const ROUTING_TYPES = { server: 'dhtserver', client: 'dhtclient', auto: 'dht' }

export interface KuboDaemonInit {
  /** `auto`: Kubo finds out whether it can be reached. @default 'server' */
  mode?: 'client' | 'server' | 'auto'
  /** Log levels of its parts, such as `error,dht=debug`. @default 'error' */
  logLevel?: string
}

export interface CallOptions {
  options?: Record<string, string>
  file?: Uint8Array
  timeoutMs?: number
}

/**
 * A Kubo daemon with a repository of its own in a temporary directory. It ends with `stop`,
 * or when this process ends.
 */
export class KuboDaemon {
  readonly #child: ChildProcess
  readonly #directory: string
  readonly #ended: Promise<unknown>
  #api = ''
  #log = ''

  /**
   * @param program - Path of Kubo
   */
  static async start (program: string, { mode = 'server', logLevel = 'error' }: KuboDaemonInit = {}): Promise<KuboDaemon> {
    const directory = await mkdtemp(join(tmpdir(), 'scored-routing-kubo-'))
    const env = { ...process.env, IPFS_PATH: directory, GOLOG_LOG_LEVEL: logLevel, GOLOG_LOG_FMT: 'nocolor', END_WITH_INPUT: '1' }

    try {
      await run(program, ['init', '--profile=test'], { env: { ...env, END_WITH_INPUT: '' } })
      await configure(join(directory, 'config'), mode)
    } catch (err) {
      await rm(directory, { recursive: true, force: true })
      throw err
    }

    const daemon = new KuboDaemon(spawn(program, ['daemon'], { env, stdio: ['pipe', 'pipe', 'pipe'] }), directory)

    try {
      await daemon.#becomeReady()
    } catch (err) {
      await daemon.stop()
      throw err
    }

    return daemon
  }

  private constructor (child: ChildProcess, directory: string) {
    this.#child = child
    this.#directory = directory
    this.#ended = once(child, 'close')
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { this.#log = (this.#log + text).slice(-MAX_LOG) })
  }

  /** What it has written to its log */
  get log (): string {
    return this.#log
  }

  /**
   * Call a command of the RPC API
   *
   * @param args - Its positional arguments
   * @returns The objects that it has answered with
   * @throws {Error} The command failed, or took too long
   */
  async call<T = unknown> (command: string, args: string[] = [], { options = {}, file, timeoutMs = TIMEOUT_MS }: CallOptions = {}): Promise<T[]> {
    const url = new URL(`${this.#api}/api/v0/${command}`)
    args.forEach(argument => { url.searchParams.append('arg', argument) })
    Object.entries(options).forEach(([name, value]) => { url.searchParams.set(name, value) })
    let body: FormData | undefined

    if (file !== undefined) {
      body = new FormData()
      body.append('file', new Blob([Uint8Array.from(file)]))
    }

    const response = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(timeoutMs) })
    const text = await response.text()

    if (!response.ok) {
      throw new Error(`${command}: ${text}`)
    }

    return text.split('\n').filter(line => line !== '').map(line => JSON.parse(line))
  }

  /** End it and wait until it is gone */
  async stop (): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #becomeReady (): Promise<void> {
    const ready = Promise.withResolvers<void>()
    const timer = setTimeout(() => { ready.reject(new Error(`Kubo did not start in time: ${this.#log}`)) }, START_MS)
    this.#child.on('error', ready.reject)
    this.#child.on('close', code => { ready.reject(new Error(`Kubo ended (${code}): ${this.#log}`)) })

    createInterface({ input: this.#child.stdout! }).on('line', line => {
      const api = /RPC API server listening on \/ip4\/127\.0\.0\.1\/tcp\/(\d+)/.exec(line)

      if (api !== null) {
        this.#api = `http://127.0.0.1:${api[1]}`
      } else if (line.includes('Daemon is ready')) {
        ready.resolve()
      }
    })

    try {
      await ready.promise
    } finally {
      clearTimeout(timer)
    }
  }
}

/**
 * Kubo as it is, but with TCP only, and without anything that would look for peers
 */
async function configure (path: string, mode: keyof typeof ROUTING_TYPES): Promise<void> {
  const config = JSON.parse(await readFile(path, 'utf8'))

  config.Routing = { ...config.Routing, Type: ROUTING_TYPES[mode] }
  config.Swarm.Transports = { ...config.Swarm.Transports, Network: { QUIC: false, WebTransport: false, WebRTCDirect: false, Relay: false, Websocket: false } }
  config.Swarm.RelayClient = { Enabled: false }
  config.Swarm.RelayService = { Enabled: false }
  config.Swarm.EnableHolePunching = false
  config.Plugins = { Plugins: { telemetry: { Config: { Mode: 'off' } } } }
  await writeFile(path, JSON.stringify(config))
}
