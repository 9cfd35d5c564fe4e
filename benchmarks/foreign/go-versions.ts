import { readFileSync } from 'node:fs'

const MODULES = ['go-libp2p', 'go-libp2p-kad-dht']

/**
 * The versions of what the Go program is built of, as its go.mod pins them
 */
export function goVersions (): Record<string, string> {
  const text = readFileSync(new URL('../../test/interop/go/go.mod', import.meta.url), 'utf8')

  return Object.fromEntries(MODULES.map(name => {
    const version = new RegExp(`github\\.com/libp2p/${name} v(\\S+)`).exec(text)?.[1]

    if (version === undefined) {
      throw new Error(`go.mod does not pin ${name}`)
    }

    return [name, version]
  }))
}
