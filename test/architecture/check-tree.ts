import { posix } from 'node:path'
import ts from 'typescript'
import { importsOf } from './imports-of.ts'

const MAX_FILES = 16

/** The simulation's adapter to our node: with more room a policy might grow in it */
const ADAPTER = 'benchmarks/simulator/clients/scored'
const MAX_ADAPTER_LINES = 290

/** Whoever says so has written down a second time what the service does */
const TWICE = /as in the live service/i

/**
 * Every rule that files break together, one line each: a folder of src/ with too many
 * files, files of src/ that import each other in a circle, a simulated node that is more than
 * an adapter. An import of types counts like any other.
 *
 * @param sources - Texts by path from the root of the repository, with forward slashes
 */
export function checkTree (sources: ReadonlyMap<string, string>): string[] {
  const paths = [...sources.keys()].filter(path => path.startsWith('src/'))
  const imports = new Map(paths.map(path => [path, targetsOf(path, sources.get(path) ?? '')]))

  return [...checkFolders(paths), ...checkAdapter(sources), ...findCircles(imports).map(circle => `${[...circle, circle[0]].join(' -> ')}: a circle of imports`)]
}

function checkFolders (paths: string[]): string[] {
  return [...Map.groupBy(paths, path => posix.dirname(path))]
    .filter(([, files]) => files.length > MAX_FILES)
    .map(([folder, files]) => `${folder}: ${files.length} files, the ceiling is ${MAX_FILES}`)
}

function checkAdapter (sources: ReadonlyMap<string, string>): string[] {
  const benchmarks = [...sources].filter(([path]) => path.startsWith('benchmarks/'))
  const lines = benchmarks
    .filter(([path]) => posix.dirname(path) === ADAPTER)
    .reduce((sum, [, text]) => sum + text.trimEnd().split('\n').length, 0)

  return [
    ...lines > MAX_ADAPTER_LINES ? [`${ADAPTER}: ${lines} lines, the ceiling is ${MAX_ADAPTER_LINES}`] : [],
    ...benchmarks.filter(([, text]) => TWICE.test(text)).map(([path]) => `${path}: says what the live service does`)
  ]
}

function targetsOf (path: string, text: string): string[] {
  return importsOf(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true))
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
}

/**
 * One circle for each import that leads back to a file from which it was reached
 */
function findCircles (imports: ReadonlyMap<string, string[]>): string[][] {
  const circles: string[][] = []
  const done = new Set<string>()

  function visit (path: string, trail: string[]): void {
    const start = trail.indexOf(path)

    if (start !== -1) {
      circles.push(trail.slice(start))
    } else if (!done.has(path)) {
      imports.get(path)?.forEach(target => { visit(target, [...trail, path]) })
      done.add(path)
    }
  }

  for (const path of imports.keys()) {
    visit(path, [])
  }

  return circles
}
