import type { Level } from 'level'

/**
 * LevelDB on Node, IndexedDB in a browser. It is loaded when a location is opened and not
 * before: a node that keeps its scores elsewhere needs no native module, nor does its bundle.
 *
 * @throws {Error} The package can't be loaded, as in a bundle for Node that contains it
 */
export async function loadLevel (): Promise<{ Level: typeof Level }> {
  try {
    return await import('level')
  } catch (err) {
    const [reason] = `${err.message}`.split('\n')

    throw new Error(`the package level can't be loaded (${reason}). A bundle for Node has to leave it out, as with esbuild's --external:level`)
  }
}
