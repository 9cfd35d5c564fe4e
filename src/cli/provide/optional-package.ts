/**
 * Load a package that users of the library need not have installed
 *
 * @param name - Of the package
 * @param load - Imports it
 * @returns Undefined when it is not installed
 * @throws The error of a package that is there and can't be loaded
 */
export async function optionalPackage<T> (name: string, load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load()
  } catch (err) {
    // of a package that misses one of its own, another name is in the message
    if (err.code === 'ERR_MODULE_NOT_FOUND' && err.message.includes(`'${name}'`)) {
      return undefined
    }

    throw err
  }
}
