import type * as FileSystem from 'node:fs'
import type * as Promises from 'node:fs/promises'
import type * as Path from 'node:path'

/** Names the directory as a score store's: LevelDB leaves a file alone that is none of its own */
const MARK = 'SCORES'
const MARK_TEXT = 'The scores that libp2p-scored-routing keeps of peers. They are a cache: while no node uses it, this directory may be deleted.\n'

/** Every file that LevelDB makes */
const ENGINE_FILE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(ldb|sst|log|dbtmp))$/
const DATA_FILE = /^(MANIFEST-\d+|\d+\.(ldb|sst|log))$/

/** What was set aside within the directory itself */
const ASIDE_WITHIN = /^damaged-\d+$/

/** A directory that is mounted, or whose parent belongs to another, can't be renamed */
const NOT_RENAMED = ['EBUSY', 'EACCES', 'EPERM', 'EROFS', 'EXDEV']

/** A disk that damages all that is written must not fill up with what was set aside */
const MAX_ASIDE = 10

/**
 * The directory that a store lives in, as far as there are directories: in a browser
 * it is a name, and nothing here does anything.
 */
export class StoreDirectory {
  readonly #location: string

  constructor (location: string) {
    this.#location = location
  }

  /**
   * Make the directory where it is missing
   *
   * @returns Its one true path, whichever way it was spelled and whatever the working directory will be
   */
  async prepare (): Promise<string> {
    const fs = fileSystem()

    if (fs == null) {
      return this.#location
    }

    await fs.mkdir(this.#location, { recursive: true })

    return fs.realpath(this.#location)
  }

  /**
   * What tells this directory from all others of the machine, under whatever path
   */
  async identity (): Promise<string> {
    const stats = await fileSystem()?.stat(this.#location, { bigint: true })

    return stats == null ? this.#location : `${stats.dev}:${stats.ino}`
  }

  /**
   * Whether it has lost the file that names the others: LevelDB takes it for empty then, and deletes what there is
   */
  async isBeheaded (): Promise<boolean> {
    const names = await fileSystem()?.readdir(this.#location) ?? []

    return !names.includes('CURRENT') && names.some(name => /\.(ldb|sst)$/.test(name))
  }

  /** Note that nothing but scores is in it */
  async mark (): Promise<void> {
    const path = pathModule()

    if (path != null) {
      await fileSystem()?.writeFile(path.join(this.#location, MARK), MARK_TEXT, { flag: 'wx' }).catch(() => {})
    }
  }

  /**
   * Rename it, or where that is not possible move what is in it to a directory within, and
   * leave it empty. Nothing is done to what may be anything but a score store.
   *
   * @param content - Bytes that a store's files have in them, where it is not marked
   * @returns Where it is now; undefined when there was nothing
   * @throws {Error} It is not known for a score store, or can't be moved
   */
  async setAside (content: string): Promise<string | undefined> {
    const fs = fileSystem()
    const path = pathModule()

    if (fs == null || path == null) {
      throw new Error('it has no directory')
    }

    const directory = await fs.realpath(this.#location).catch(undefinedIfMissing)

    if (directory == null) {
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

/** A rename would take the place of an empty directory */
async function freeName (fs: typeof Promises, name: string): Promise<string> {
  for (let n = 1; n <= MAX_ASIDE; n++) {
    if (await fs.lstat(`${name}-${n}`).catch(undefinedIfMissing) == null) {
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

  // of a release that made no mark
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

/** An import would have to be resolved by the bundlers of browsers, too */
function fileSystem (): typeof Promises | undefined {
  return builtin<typeof FileSystem>('node:fs')?.promises
}

function pathModule (): typeof Path | undefined {
  return builtin<typeof Path>('node:path')
}

function builtin<M> (name: string): M | undefined {
  return globalThis.process?.getBuiltinModule?.(name) as M | undefined
}
