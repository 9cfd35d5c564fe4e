import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')

/** What a run of the package's command came to */
export interface CommandResult {
  code: number | string
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: Record<string, string>
  /** What is written to its standard input */
  input?: string
  /** Options of Node.js itself */
  node?: string[]
}

/**
 * Run the package's command as a process of its own
 */
export async function runCommand (args: string[], { env = {}, input = '', node = [] }: RunOptions = {}): Promise<CommandResult> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, [...node, MAIN, ...args], { env: { ...process.env, ...env } }, (err, stdout, stderr) => {
      resolve({ code: err?.code ?? 0, stdout, stderr })
    })

    child.stdin?.on('error', () => {}).end(input)
  })
}

/**
 * Start it, to be stopped. Its standard input stays open.
 */
export function startCommand (args: string[]): { child: ChildProcess, result: Promise<CommandResult> } {
  const child = spawn(process.execPath, [MAIN, ...args])
  const result: CommandResult = { code: 0, stdout: '', stderr: '' }

  child.stdout.on('data', text => { result.stdout += text })
  child.stderr.on('data', text => { result.stderr += text })

  return {
    child,
    result: new Promise(resolve => {
      child.on('close', (code, signal) => { resolve({ ...result, code: code ?? signal ?? 0 }) })
    })
  }
}
