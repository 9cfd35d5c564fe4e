import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import { BUILD_DIRECTORY } from '../../benchmarks/foreign/built-program.ts'
import { ProgressBar } from '../../benchmarks/command-line/progress-bar.ts'
import type { ForeignProgram } from '../../benchmarks/foreign/built-program.ts'

const run = promisify(execFile)

/**
 * How a program is built. The command runs in the directory, and leaves the program in
 * BUILD_DIRECTORY under its name.
 */
interface Recipe {
  name: ForeignProgram
  /** A command that works where the toolchain is installed */
  probe: string[]
  directory: string
  commands: string[][]
}

const RECIPES: Recipe[] = [
  { name: 'go-peers', probe: ['go', 'version'], directory: 'go', commands: [['go', 'build', '-o', `${BUILD_DIRECTORY}go-peers`, '.']] },
  { name: 'kubo', probe: ['go', 'version'], directory: 'kubo', commands: [['go', 'build', '-o', `${BUILD_DIRECTORY}kubo`, '.']] },
  {
    name: 'rust-peers',
    probe: ['cargo', '--version'],
    directory: 'rust',
    commands: [
      ['cargo', 'build', '--release', '--locked', '--target-dir', `${BUILD_DIRECTORY}rust-target`],
      ['cp', `${BUILD_DIRECTORY}rust-target/release/rust-peers`, `${BUILD_DIRECTORY}rust-peers`]
    ]
  },
  { name: 'deno', probe: ['npm', '--version'], directory: 'runtimes', commands: runtimeOf('deno', '2.9.6') },
  { name: 'bun', probe: ['npm', '--version'], directory: 'runtimes', commands: runtimeOf('bun', '1.4.5') }
]

// the programs to build: all when none is named
const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !RECIPES.some(recipe => recipe.name === name))

if (unknown.length > 0) {
  throw new Error(`There is no program ${unknown.join(', ')}: there are ${RECIPES.map(({ name }) => name).join(', ')}`)
}

await mkdir(BUILD_DIRECTORY, { recursive: true })

const recipes = RECIPES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
const progress = new ProgressBar()
const lines: string[] = []

progress.start()

for (const [done, { name, probe, directory, commands }] of recipes.entries()) {
  progress.update(done, recipes.length, `building ${name}`)

  const start = performance.now()

  if (!await works(probe)) {
    lines.push(`skip ${name}: ${probe[0]} is not installed`)
    continue
  }

  try {
    // what an earlier build left would hide that this one fails
    await rm(`${BUILD_DIRECTORY}${name}`, { force: true })

    for (const [command, ...args] of commands) {
      await run(command, args, { cwd: new URL(`./${directory}/`, import.meta.url), maxBuffer: 64 * 1024 * 1024 })
    }

    lines.push(`ok   ${name} (${Math.round((performance.now() - start) / 1000)} s)`)
  } catch (err) {
    lines.push(`FAIL ${name}: ${err.stderr || err.message}`)
    process.exitCode = 1
  }
}

progress.stop()
console.log(lines.join('\n'))

/**
 * Runtimes of JavaScript come from npm, built. They are too large for a devDependency: 100 MB each.
 */
function runtimeOf (name: string, version: string): string[][] {
  return [
    ['npm', 'install', '--prefix', `${BUILD_DIRECTORY}npm-${name}`, '--no-audit', '--no-fund', '--save-exact', `${name}@${version}`],
    ['ln', '-s', `npm-${name}/node_modules/.bin/${name}`, `${BUILD_DIRECTORY}${name}`]
  ]
}

async function works ([command, ...args]: string[]): Promise<boolean> {
  try {
    await run(command, args)

    return true
  } catch {
    return false
  }
}
