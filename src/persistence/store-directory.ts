import type * as FileSystem from 'node:fs'
import type * as Promises from 'node:fs/promises'
import type * as Path from 'node:path'

/** A file that marks the directory as a score store's. LevelDB leaves it alone. */
const MARK = 'SCORES'
const MARK_TEXT = 'The scores that libp2p-scored-routing keeps of peers. They are a cache: while no node uses it, this directory may be deleted.\n'

/** Every file that LevelDB makes */
const ENGINE_FILE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(ldb|sst|log|dbtmp))$/
const DATA_FILE = /^(MANIFEST-\d+|\d+\.(ldb|sst|log))$/

/** The name of a damaged store that was set aside within the directory itself */
const ASIDE_WITHIN = /^damaged-\d+$/

/** The errors of a directory that can't be renamed: it is mounted, or its parent belongs to somebody else */
const NOT_RENAMED = ['EBUSY', 'EACCES', 'EPERM', 'EROFS', 'EXDEV']

/** How many stores are set aside at most: a disk that damages everything must not fill up with them */
const MAX_ASIDE = 10

/**
 * The directory that a store lives in. In a browser it is a mere name, and nothing here does
 * anything.
 */
export class StoreDirectory {
  readonly #location: string

  constructor (location: string) {
    this.#location = location
  }

  /**
   * Make the directory if it is missing
   *
   * @returns Its absolute path without links, however it was spelled
   */
  async prepare (): Promise<string> {
    const fs = fileSystem()

    if (fs === undefined) {
      return this.#location
    }

    await fs.mkdir(this.#location, { recursive: true })

    return fs.realpath(this.#location)
  }

  /**
   * The identity of this directory on this machine. All paths to it have the same.
   */
  async identity (): Promise<string> {
    const stats = await fileSystem()?.stat(this.#location, { bigint: true })

    return stats === undefined ? this.#location : `${stats.dev}:${stats.ino}`
  }

  /**
   * Whether the file is lost that names all the others. LevelDB takes the directory for empty
   * then, and deletes what is there.
   */
  async isBeheaded (): Promise<boolean> {
    const names = await fileSystem()?.readdir(this.#location) ?? []

    return !names.includes('CURRENT') && names.some(name => /\.(ldb|sst)$/.test(name))
  }

  /** Mark the directory: there are only scores in it */
  async mark (): Promise<void> {
    const path = pathModule()

    if (path !== undefined) {
      await fileSystem()?.writeFile(path.join(this.#location, MARK), MARK_TEXT, { flag: 'wx' }).catch(() => {})
    }
  }

  /**
   * Move the directory's content out of the way: rename the directory or, where that is not
   * possible, move its files to a directory within. An empty directory is left. A directory
   * that may be anything but a score store is left as it is.
   *
   * @param content - Bytes that the files of a store have in them; they tell a store without a mark
   * @returns Where the content is now; undefined when there was no directory
   * @throws {Error} The directory may be no score store, or can't be moved
   */
  async setAside (content: string): Promise<string | undefined> {
    const fs = fileSystem()
    const path = pathModule()

    if (fs === undefined || path === undefined) {
      throw new Error('it has no directory')
    }

    const directory = await fs.realpath(this.#location).catch(undefinedIfMissing)

    if (directory === undefined) {
      return undefined
    }

    if (!await isScoreStore(fs, path, directory, content)) {
      throw new Error('its directory holds other files too, or is not known for a score store')
    }

    try {
      const aside = await freeName(fs, `${directory}.damaged`)
      await fs.rename(directory, aside)
      await fs.mkdir(directory)

      return aside
    } catch (err) {
      if (!NOT_RENAMED.includes(err.code)) {
        throw err
      }
    }

    const aside = await freeName(fs, path.join(directory, 'damaged'))
    await fs.mkdir(aside)

    for (const name of await fs.readdir(directory)) {
      if (!ASIDE_WITHIN.test(name)) {
        await fs.rename(path.join(directory, name), path.join(aside, name))
      }
    }

    return aside
  }
}

/** A name that is free. An empty directory counts as taken, as a rename would replace it. */
async function freeName (fs: typeof Promises, name: string): Promise<string> {
  for (let n = 1; n <= MAX_ASIDE; n++) {
    if (await fs.lstat(`${name}-${n}`).catch(undefinedIfMissing) === undefined) {
      return `${name}-${n}`
    }
  }

  throw new Error(`${MAX_ASIDE} others were set aside as ${name}-1 and so on already, delete these`)
}

async function isScoreStore (fs: typeof Promises, path: typeof Path, directory: string, content: string): Promise<boolean> {
  const names = await fs.readdir(directory)

  if (!names.every(name => name === MARK || ENGINE_FILE.test(name) || ASIDE_WITHIN.test(name))) {
    return false
  }

  const data = names.filter(name => DATA_FILE.test(name))
  const sizes = await Promise.all(data.map(async name => fs.lstat(path.join(directory, name))))

  if (names.includes(MARK) || sizes.every(stats => !stats.isFile() || stats.size === 0)) {
    return true
  }

  // an earlier release made no mark
  for (const [index, name] of data.entries()) {
    if (sizes[index].isFile() && (await fs.readFile(path.join(directory, name))).includes(content)) {
      return true
    }
  }

  return false
}

function undefinedIfMissing (err: Error & { code?: string }): undefined {
  if (err.code !== 'ENOENT') {
    throw err
  }
}

/** Loaded at run time: the bundlers of browsers would have to resolve an import */
function fileSystem (): typeof Promises | undefined {
  return builtin<typeof FileSystem>('node:fs')?.promises
}

function pathModule (): typeof Path | undefined {
  return builtin<typeof Path>('node:path')
}

function builtin<M> (name: string): M | undefined {
  return globalThis.process?.getBuiltinModule?.(name) as M | undefined
}
