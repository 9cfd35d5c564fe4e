/**
 * A position in the 256-bit Kademlia keyspace: the SHA-256 digest of a peer id's
 * multihash or of a record's key, 32 bytes. Tests use shorter ones.
 */
export type KadId = Uint8Array
