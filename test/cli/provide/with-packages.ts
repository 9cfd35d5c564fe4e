/**
 * Options for a Node.js that has some packages less than are installed
 */
export function withoutPackages (...names: string[]): string[] {
  const hooks = `
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve (specifier, context, next) {
        if (${JSON.stringify(names)}.includes(specifier)) {
          throw Object.assign(new Error(\`Cannot find package '\${specifier}' imported from \${context.parentURL}\`), { code: 'ERR_MODULE_NOT_FOUND' })
        }

        return next(specifier, context)
      }
    })`

  return importing(hooks)
}

/**
 * Options for a Node.js that has a package with this source
 */
export function withPackage (name: string, source: string): string[] {
  return importing(`
    import { registerHooks } from 'node:module'
    registerHooks({
      resolve (specifier, context, next) {
        return specifier === ${JSON.stringify(name)} ? { url: ${JSON.stringify(dataURL(source))}, shortCircuit: true } : next(specifier, context)
      }
    })`)
}

function importing (source: string): string[] {
  return ['--import', dataURL(source)]
}

function dataURL (source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}
