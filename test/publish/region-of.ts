import { Region } from '../../src/publish/region.ts'

/** The region with this prefix, bit by bit, among kad ids of this many bytes */
export function regionOf (prefix: string, bytes = 1): Region {
  const bits = prefix.padEnd(bytes * 8, '0')

  return new Region(Uint8Array.from({ length: bytes }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2)), prefix.length)
}
