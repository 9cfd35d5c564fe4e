import ts from 'typescript'

/**
 * One module that a source file names
 */
export interface Import {
  specifier: string
  /** True when nothing of it is left at run time */
  typeOnly: boolean
  line: number
}

/**
 * Every module that a source file imports, exports from, or names in `import('x')`,
 * as a call or as a type
 */
export function importsOf (file: ts.SourceFile): Import[] {
  const imports: Import[] = []

  function add (specifier: ts.Node | undefined, typeOnly: boolean): void {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      const { line } = file.getLineAndCharacterOfPosition(specifier.getStart(file))
      imports.push({ specifier: specifier.text, typeOnly, line: line + 1 })
    }
  }

  function visit (node: ts.Node): void {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true)
    }

    ts.forEachChild(node, visit)
  }

  visit(file)

  return imports
}

/**
 * The package that a specifier belongs to: `@a/b` for `@a/b/c`, `node:fs` for
 * itself; undefined for a relative one
 */
export function packageOf (specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    return undefined
  }

  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
