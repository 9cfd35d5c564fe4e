import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { expect, test } from 'vitest'
import { CommandError } from '../../../src/cli/command-error.ts'
import { readPrivateKey } from '../../../src/cli/provide/read-private-key.ts'
import { temporaryDirectory } from '../../persistence/temporary-directory.ts'

async function fileWith (content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), 'key')
  await writeFile(path, content)

  return path
}

test.each(['Ed25519', 'secp256k1', 'RSA'] as const)('a private key of type %s is read, raw or in base64', async type => {
  const key = type === 'RSA' ? await generateKeyPair(type, 2048) : await generateKeyPair(type)
  const bytes = privateKeyToProtobuf(key)
  const base64 = Buffer.from(bytes).toString('base64')

  for (const content of [bytes, base64, `${base64}\n`, base64.replace(/=+$/, '')]) {
    const read = await readPrivateKey(await fileWith(content))

    expect(read.publicKey.equals(key.publicKey)).toBe(true)
  }
})

test.each([
  ['nothing', ''],
  ['text', 'a secret'],
  ['another protobuf', Uint8Array.of(8, 1, 18, 2, 1, 2)],
  ['base64 of something else', 'CAESAgEC']
])('%s is no private key, and the error shows none of it', async (_, content) => {
  const path = await fileWith(content)

  await expect(readPrivateKey(path)).rejects.toThrow(new CommandError(`--key ${path} holds no private key, allowed is what libp2p's privateKeyToProtobuf writes, raw or in base64`, 2))
})

test('a file that is missing is named', async () => {
  await expect(readPrivateKey('/missing/key')).rejects.toThrow("--key /missing/key can't be read: ENOENT")
})
