import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { CID } from 'multiformats/cid'
import { CommandError } from '../command-error.ts'
import { optionalPackage } from './optional-package.ts'
import type { Readable } from 'node:stream'

/** No CID is longer, characters. A file of anything else has longer lines. */
const MAX_LINE_LENGTH = 10_000

/** How much of a line that is no CID is shown, characters */
const MAX_SHOWN = 80

/** Read at run time only: users of the library need not have it. By a variable, as there are no types without it. */
const CAR_PACKAGE = '@ipld/car'

interface CARPackage {
  CarCIDIterator: { fromIterable: (bytes: AsyncIterable<Uint8Array>) => Promise<AsyncIterable<CID>> }
}

/**
 * Read a list of CIDs, one on each line
 *
 * @param path - `-` for standard input
 * @throws {CommandError} A line is no CID, or the file can't be read
 */
export async function * readCIDs (path: string, signal: AbortSignal): AsyncGenerator<CID> {
  const name = path === '-' ? 'standard input' : path
  let number = 0

  for await (const line of linesOf(name, open(path, signal), signal)) {
    const text = line.trim()
    number++

    if (text !== '' && !text.startsWith('#')) {
      yield parseCID(text, `line ${number} of ${name}`)
    }
  }
}

/**
 * Read the CIDs of the blocks of a CAR
 *
 * @throws {CommandError} The file can't be read, is no CAR, or the package that reads it is not installed
 */
export async function * readCARCIDs (path: string, signal: AbortSignal): AsyncGenerator<CID> {
  const { CarCIDIterator } = await carPackage()

  try {
    yield * await CarCIDIterator.fromIterable(open(path, signal))
  } catch (err) {
    signal.throwIfAborted()
    throw new CommandError(`${path} can't be read as a CAR: ${err.message}`, 2, { cause: err })
  }
}

/**
 * Whether a file can be read twice, which a pipe can't
 */
export async function isReadableTwice (path: string): Promise<boolean> {
  return path !== '-' && (await stat(path).catch(() => undefined))?.isFile() === true
}

/**
 * Whatever reads CARs
 *
 * @throws {CommandError} It is not installed
 */
export async function carPackage (): Promise<CARPackage> {
  const car = await optionalPackage(CAR_PACKAGE, async (): Promise<CARPackage> => import(CAR_PACKAGE))

  if (car === undefined) {
    throw new CommandError(`--car needs a package that is not installed: npm install ${CAR_PACKAGE}`, 2)
  }

  return car
}

function open (path: string, signal: AbortSignal): Readable {
  return addAbortSignal(signal, path === '-' ? process.stdin : createReadStream(path))
}

async function * linesOf (name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let ended = 0

  try {
    for await (const chunk of bytes) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      ended += lines.length
      yield * lines

      if (rest.length > MAX_LINE_LENGTH) {
        throw new Error(`line ${ended + 1} has no end`)
      }
    }
  } catch (err) {
    signal.throwIfAborted()
    throw new CommandError(`${name} can't be read: ${err.message}`, 2, { cause: err })
  }

  yield rest + decoder.decode()
}

function parseCID (text: string, place: string): CID {
  try {
    return CID.parse(text)
  } catch (err) {
    throw new CommandError(`${place} is no CID: "${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}". Nothing was sent`, 2, { cause: err })
  }
}
