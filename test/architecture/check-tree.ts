import { posix } from 'node:path'
import ts from 'typescript'
import { importsOf } from './imports-of.ts'

const MAX_FILES = 16

/**
 * Every rule that the files of src/ break together, one line each: a folder with too many
 * files, files that import each other in a circle. An import of types counts like any other.
 *
 * @param sources - Texts by path from the root of the repository, with forward slashes
 */
export function checkTree (sources: ReadonlyMap<string, string>): string[] {
  const paths = [...sources.keys()].filter(path => path.startsWith('src/'))
  const imports = new Map(paths.map(path => [path, targetsOf(path, sources.get(path) ?? '')]))

  return [...checkFolders(paths), ...findCircles(imports).map(circle => `${[...circle, circle[0]].join(' -> ')}: a circle of imports`)]
}

function checkFolders (paths: string[]): string[] {
  return [...Map.groupBy(paths, path => posix.dirname(path))]
    .filter(([, files]) => files.length > MAX_FILES)
    .map(([folder, files]) => `${folder}: ${files.length} files, the ceiling is ${MAX_FILES}`)
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
