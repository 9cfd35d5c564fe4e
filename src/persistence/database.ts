import type { AbstractLevel } from 'abstract-level'

/** Any database of the family, whatever it makes of its keys and values by default */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the types are invariant: no other argument accepts every database
export type Database = AbstractLevel<any, any, any>
