/**
 * The installed @libp2p/kad-dht does not have the parts that scoring works on
 */
export class IncompatibleKadDHTError extends Error {
  static name = 'IncompatibleKadDHTError'
  name = 'IncompatibleKadDHTError'

  /** Members that are missing or of another kind */
  readonly missing: string[]

  constructor (installed: string, supported: string, missing: string[]) {
    super(`@libp2p/kad-dht ${installed} can't be scored, this version of libp2p-scored-routing supports ${supported}: ${missing.join(', ')} not found`)
    this.missing = missing
  }
}
