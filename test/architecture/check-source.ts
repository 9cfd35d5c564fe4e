import { posix } from 'node:path'
import ts from 'typescript'
import { importsOf, packageOf } from './imports-of.ts'
import type { Import } from './imports-of.ts'

const MAX_LINES = 450
const MAX_FUNCTION_LINES = 70

/** Where everything is put together, less room is left */
const FILE_LIMITS: Record<string, number> = { 'src/service.ts': 150 }

const CORE = ['parameters', 'keyspace', 'score', 'timing', 'liveness', 'selection', 'routing-table', 'lookup', 'upkeep', 'publish']

/** What describes kad-dht, without replacing any of it */
const SEAM = ['kad-dht/internals.ts', 'kad-dht/dht-message.ts']

/**
 * What each folder of src/ may import from the others. Folders that aren't in
 * here don't exist.
 */
const MAY_IMPORT: Record<string, string[]> = {
  parameters: [],
  keyspace: [],
  score: ['parameters', 'keyspace'],
  timing: ['parameters', 'keyspace', 'score'],
  liveness: ['parameters', 'keyspace', 'score', 'timing'],
  selection: ['parameters', 'keyspace', 'score', 'timing', 'liveness'],
  'routing-table': ['parameters', 'keyspace', 'score', 'timing', 'liveness', 'selection'],
  lookup: ['parameters', 'keyspace', 'score', 'timing', 'liveness', 'selection', 'routing-table'],
  upkeep: ['parameters', 'keyspace', 'score', 'timing', 'liveness', 'selection', 'routing-table', 'lookup'],
  publish: ['parameters', 'keyspace', 'score', 'timing', 'liveness', 'selection', 'routing-table', 'lookup'],
  persistence: ['parameters', 'keyspace', 'score', 'liveness'],
  libp2p: [...CORE, 'persistence', ...SEAM],
  'kad-dht': [...CORE, 'persistence', 'libp2p'],
  cli: [...CORE, 'persistence', 'libp2p', 'service.ts'],
  testing: [...CORE, 'persistence'],
  'service.ts': [...CORE, 'persistence', 'libp2p', 'kad-dht'],
  'index.ts': [...CORE, 'persistence', 'libp2p', 'kad-dht', 'service.ts']
}

const PURE = [...CORE, 'persistence']
const LEVEL_STORE = ['src/persistence/level-score-store.ts', 'src/persistence/load-level.ts']
/** The stores themselves, which reach the disk */
const STORES = [...LEVEL_STORE, 'src/persistence/store-directory.ts', 'src/persistence/datastore-score-store.ts']
const INTERNALS = 'src/kad-dht/internals.ts'
const LIBP2P_PACKAGE = /^(libp2p|@libp2p\/.*|@chainsafe\/libp2p-.*|@multiformats\/.*)$/
const LEVEL_PACKAGE = /^(level|abstract-level|classic-level|memory-level)$/

/** Names that bring a clock, a timer, chance or the outside world into the pure core */
const IMPURE_GLOBALS = new Set([
  'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask',
  'performance', 'process', 'crypto', 'fetch', 'globalThis', 'window', 'self'
])
const IMPURE_MEMBERS: Record<string, string[]> = {
  Math: ['random'],
  Date: ['now'],
  AbortSignal: ['timeout']
}

/**
 * Every house rule that a file under src/ or benchmarks/ breaks, one line each
 *
 * @param path - From the root of the repository, with forward slashes
 */
export function checkSource (path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const imports = importsOf(file)
  const violations = [...checkShape(path, text), ...checkFunctions(file), ...checkExportName(file), ...checkTypeImportsLast(file)]

  if (!path.startsWith('src/')) {
    return [...violations, ...imports.filter(({ specifier }) => targetOf(path, specifier)?.startsWith('test/')).map(found => `${at(path, found)}: imports ${found.specifier} from the tests`)]
  }

  const pure = PURE.includes(folderOf(path)) && !STORES.includes(path)

  return [
    ...violations,
    ...imports.flatMap(found => checkImport(path, found, pure)),
    ...path === INTERNALS ? [] : findAll(file, isBlindCast).map(node => `${position(file, node)}: casts through any or unknown, which only ${INTERNALS} may`),
    ...pure ? findAll(file, isImpure).map(node => `${position(file, node)}: ${node.getText(file)} is not for the pure core`) : [],
    ...path === 'src/index.ts' ? file.statements.filter(statement => !ts.isExportDeclaration(statement)).map(node => `${position(file, node)}: index.ts only exports`) : []
  ]
}

function checkShape (path: string, text: string): string[] {
  const name = posix.basename(path)
  const lines = text.trimEnd().split('\n').length
  const maxLines = FILE_LIMITS[path] ?? MAX_LINES

  return [
    ...lines > maxLines ? [`${path}: ${lines} lines, the ceiling is ${maxLines}`] : [],
    ...path.split('/').every(part => /^[a-z0-9]+(-[a-z0-9]+)*(\.ts)?$/.test(part)) ? [] : [`${path}: not kebab-case`],
    ...name === 'utils.ts' || name === 'types.ts' ? [`${path}: say what is in it`] : []
  ]
}

/**
 * A function is counted from its name to its end, those within it included. A class is none.
 */
function checkFunctions (file: ts.SourceFile): string[] {
  const linesOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.end).line - file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1

  return findAll(file, node => ts.isFunctionLike(node) && linesOf(node) > MAX_FUNCTION_LINES)
    .map(node => `${position(file, node)}: a function of ${linesOf(node)} lines, the ceiling is ${MAX_FUNCTION_LINES}`)
}

/**
 * A file with one export is named after it, a verb in front aside (`formatTable`
 * in table.ts). Compared without case, dashes and underscores, as `KadDHT` has no
 * certain kebab-case. A program, which is started and not imported, is free.
 */
function checkExportName (file: ts.SourceFile): string[] {
  const [name, ...others] = file.statements.flatMap(exportedNames)

  if (name === undefined || others.length > 0 || /^src\/(index|service)\.ts$/.test(file.fileName) || file.statements.some(ts.isExpressionStatement) || plain(name).endsWith(plain(posix.basename(file.fileName, '.ts')))) {
    return []
  }

  return [`${file.fileName}: its one export is ${name}`]
}

function checkTypeImportsLast (file: ts.SourceFile): string[] {
  const imports = file.statements.filter(ts.isImportDeclaration)
  const isType = (node: ts.ImportDeclaration): boolean => node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
  const firstType = imports.findIndex(isType)

  return imports
    .filter((node, index) => firstType !== -1 && index > firstType && !isType(node))
    .map(node => `${position(file, node)}: a value import below a type import`)
}

function checkImport (path: string, found: Import, pure: boolean): string[] {
  const target = targetOf(path, found.specifier)
  const name = packageOf(found.specifier)

  if (target !== undefined) {
    const from = folderOf(path)
    const to = folderOf(target)

    if (!target.startsWith('src/')) {
      return [`${at(path, found)}: imports ${target} from outside src/`]
    }

    if (MAY_IMPORT[from] === undefined) {
      return [`${path}: src/${from} is not a part of the house`]
    }

    return from === to || MAY_IMPORT[from].some(allowed => allowed === to || `src/${allowed}` === target) ? [] : [`${at(path, found)}: ${from} must not import ${to}`]
  }

  if (name === '@libp2p/kad-dht' && found.specifier !== name) {
    return path === INTERNALS ? [] : [`${at(path, found)}: only ${INTERNALS} may look inside @libp2p/kad-dht`]
  }

  if (!pure || found.typeOnly) {
    return []
  }

  if (LIBP2P_PACKAGE.test(name ?? '') || LEVEL_PACKAGE.test(name ?? '') || name?.startsWith('node:') === true) {
    return [`${at(path, found)}: the pure core must not import ${name} at run time`]
  }

  return []
}

/** `x as any`, `x as unknown as Y` */
function isBlindCast (node: ts.Node): boolean {
  return ts.isAsExpression(node) && (
    node.type.kind === ts.SyntaxKind.AnyKeyword ||
    (node.type.kind === ts.SyntaxKind.UnknownKeyword && ts.isAsExpression(outsideParentheses(node)))
  )
}

function outsideParentheses (node: ts.Node): ts.Node {
  return ts.isParenthesizedExpression(node.parent) ? outsideParentheses(node.parent) : node.parent
}

function isImpure (node: ts.Node): boolean {
  if (!ts.isIdentifier(node) || isName(node)) {
    return false
  }

  if (IMPURE_GLOBALS.has(node.text)) {
    return true
  }

  if (node.text === 'Date' && (ts.isNewExpression(node.parent) || ts.isCallExpression(node.parent))) {
    return (node.parent.arguments?.length ?? 0) === 0
  }

  const members = Object.hasOwn(IMPURE_MEMBERS, node.text) ? IMPURE_MEMBERS[node.text] : undefined

  if (members === undefined || ts.isTypeReferenceNode(node.parent) || ts.isNewExpression(node.parent)) {
    return false
  }

  // anything but a harmless member read by name could hide the others: Math['random'], const { random } = Math
  return !ts.isPropertyAccessExpression(node.parent) || members.includes(node.parent.name.text)
}

/** An identifier that names a member or a declaration and so reads no global */
function isName (node: ts.Identifier): boolean {
  const { parent } = node

  return (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent) || ts.isParameter(parent) || ts.isVariableDeclaration(parent) || ts.isBindingElement(parent)) && parent.name === node)
}

function exportedNames (statement: ts.Statement): string[] {
  if (ts.isExportDeclaration(statement)) {
    return statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause) ? statement.exportClause.elements.map(({ name }) => name.text) : []
  }

  if (!ts.canHaveModifiers(statement) || ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) {
    return []
  }

  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  }

  return 'name' in statement && statement.name !== undefined ? [(statement.name as ts.Identifier).text] : []
}

function findAll (root: ts.Node, accept: (node: ts.Node) => boolean): ts.Node[] {
  const found: ts.Node[] = accept(root) ? [root] : []
  ts.forEachChild(root, child => { found.push(...findAll(child, accept)) })

  return found
}

function targetOf (path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined
}

/** `score` for src/score/outcome.ts, `index.ts` for src/index.ts */
function folderOf (path: string): string {
  return path.split('/')[1] ?? ''
}

function plain (name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase()
}

function at (path: string, { line }: Import): string {
  return `${path}:${line}`
}

function position (file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`
}
