import { readFile } from 'node:fs/promises'
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys'
import { fromString as uint8ArrayFromString } from 'uint8arrays/from-string'
import { CommandError } from '../command-error.ts'
import type { PrivateKey } from '@libp2p/interface'

/** A protobuf begins with the type of the key. In base64 it begins with a letter. */
const TYPE_FIELD = 0x08

/**
 * Read a private key, as `privateKeyToProtobuf` writes it, raw or in base64. No error shows any of it.
 *
 * @throws {CommandError} It can't be read, or is none
 */
export async function readPrivateKey (path: string): Promise<PrivateKey> {
  const bytes = await readFile(path).catch(err => {
    throw new CommandError(`--key ${path} can't be read: ${err.message}`, 2, { cause: err })
  })

  try {
    return privateKeyFromProtobuf(bytes[0] === TYPE_FIELD ? bytes : fromBase64(bytes))
  } catch {
    throw new CommandError(`--key ${path} holds no private key, allowed is what libp2p's privateKeyToProtobuf writes, raw or in base64`, 2)
  }
}

function fromBase64 (bytes: Uint8Array): Uint8Array {
  return uint8ArrayFromString(new TextDecoder().decode(bytes).trim().replace(/=+$/, ''), 'base64')
}
