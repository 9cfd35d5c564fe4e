import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { anchorsOf, relativeLinksOf } from './bundles/markdown.ts'

interface Workflow {
  on: Record<string, unknown>
  jobs: Record<string, { 'runs-on': string, strategy?: { matrix: { node: string[] } }, steps: Array<{ uses?: string, run?: string, env?: Record<string, string> }> }>
}

const documents = ['README.md', '.github/CONTRIBUTING.md', ...['src', 'benchmarks'].flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.md'))
  .map(name => `${folder}/${name}`))]

function workflow (name: string): Workflow {
  return parse(readFileSync(`.github/workflows/${name}`, 'utf8'))
}

function commandsOf (name: string): string[] {
  return Object.values(workflow(name).jobs).flatMap(({ steps }) => steps).flatMap(({ run }) => run ?? [])
}

test('README.md has 1,000 words at most', () => {
  const words = readFileSync('README.md', 'utf8').split(/\s+/).filter(word => word !== '')

  expect(words.length).toBeLessThanOrEqual(1000)
})

describe.each(documents)('%s', path => {
  const links = relativeLinksOf(readFileSync(path, 'utf8'))

  test('leads to files that are there', () => {
    const missing = links.filter(link => !existsSync(join(dirname(path), link.split('#')[0])))

    expect(missing).toEqual([])
  })

  test('leads to headings that are there', () => {
    const missing = links.filter(link => {
      const [file, anchor] = link.split('#')

      return anchor !== undefined && !anchorsOf(readFileSync(file === '' ? path : join(dirname(path), file), 'utf8')).includes(anchor)
    })

    expect(missing).toEqual([])
  })
})

describe('the workflows', () => {
  test('all that must hold is run on the oldest, the usual and the newest Node.js', () => {
    const { jobs: { run } } = workflow('ci.yml')

    expect(run.strategy?.matrix.node).toEqual(['22', '24', 'latest'])
    expect(run.steps.find(step => step.run === '.ci/run')?.env).toEqual({ NODE_VERSION: '${{ matrix.node }}' }) // eslint-disable-line no-template-curly-in-string
    expect(readFileSync('.ci/run', 'utf8')).toContain('npm install --no-save "node@$NODE_VERSION"')
  })

  test('the newest kad-dht is tried weekly, by the tests of its shape and of its behaviour', () => {
    const commands = commandsOf('newest-kad-dht.yml')
    const tests = commands.flatMap(command => /^npx vitest run (.*)$/.exec(command)?.[1].split(' ') ?? [])

    expect(workflow('newest-kad-dht.yml').on).toHaveProperty('schedule')
    expect(commands).toContain('npm install --no-save @libp2p/kad-dht@latest')
    expect(tests).toEqual(['test/kad-dht/internals.test.ts', 'test/conformance'])
    expect(tests.filter(path => !existsSync(path))).toEqual([])
  })
})
