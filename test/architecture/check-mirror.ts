import ts from 'typescript'

/** An error class has nothing to test up to this length */
const MAX_ERROR_LINES = 50

/**
 * Files that have no test of their own, or whose tests stand elsewhere, each with the reason
 */
const EXCEPTIONS: Record<string, string> = {
  'src/cli/main.ts': 'a program: test/cli/inspect.test.ts starts it',
  'src/cli/provide/provide-node.ts': 'imports the packages of a node: test/cli/provide/provide.test.ts starts one, and looks what happens without them',
  'src/libp2p/build/build-bulk.ts': 'only puts parts together: each test of a real node goes through it',
  'src/libp2p/build/build-contacts.ts': 'the same',
  'src/libp2p/build/build-knowledge.ts': 'the same',
  'src/libp2p/build/build-lifecycle.ts': 'the same',
  'src/libp2p/build/build-lookups.ts': 'the same',
  'src/libp2p/build/build-upkeep.ts': 'the same'
}

/**
 * Each file under src/ that does something has a test at the mirrored path: that of
 * src/score/outcome.ts is test/score/outcome.test.ts. Types, re-exports, plain numbers
 * and error classes do nothing.
 *
 * @param sources - Texts by path from the root of the repository, with forward slashes
 * @param tests - Paths of the files under test/, from the root too
 * @param exceptions - Reasons by path, of files that need no test
 */
export function checkMirror (sources: ReadonlyMap<string, string>, tests: Iterable<string>, exceptions: Readonly<Record<string, string>> = EXCEPTIONS): string[] {
  const present = new Set(tests)

  return [
    ...[...sources]
      .filter(([path, text]) => path.startsWith('src/') && exceptions[path] === undefined && doesSomething(path, text) && !present.has(testOf(path)))
      .map(([path]) => `${path}: has no test of its own, ${testOf(path)}`),
    ...Object.keys(exceptions)
      .filter(path => !sources.has(path) || present.has(testOf(path)))
      .map(path => `${path}: is no exception any more, ${sources.has(path) ? `${testOf(path)} is there` : 'the file is gone'}`)
  ]
}

function testOf (path: string): string {
  return path.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
}

function doesSomething (path: string, text: string): boolean {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)

  return file.statements.some(statement => hasCode(statement) && !isErrorClass(statement, file))
}

/** Whether anything runs: a function, a call, a class */
function hasCode (node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
    return false
  }

  return ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isMethodDeclaration(node) ||
    ts.isClassLike(node) || ts.isCallExpression(node) || ts.isNewExpression(node) || ts.forEachChild(node, child => hasCode(child) || undefined) === true
}

/** A class that extends Error and has nothing but fields and a constructor */
function isErrorClass (node: ts.Node, file: ts.SourceFile): boolean {
  return ts.isClassDeclaration(node) &&
    node.heritageClauses?.some(({ types }) => types.some(({ expression }) => expression.getText(file) === 'Error')) === true &&
    node.members.every(member => ts.isPropertyDeclaration(member) || ts.isConstructorDeclaration(member)) &&
    node.getText(file).split('\n').length <= MAX_ERROR_LINES
}
