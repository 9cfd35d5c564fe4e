import { IMPLEMENTATIONS } from '../world/population.ts'
import type { Implementation, Population } from '../world/population.ts'

/** How many kinds of owners of tables there are */
export const OWNER_KINDS = 2 * IMPLEMENTATIONS.length

/**
 * Sorts the owners of tables by what makes their tables differ: the rules they follow,
 * and whether they can be dialled, as nobody enters the table of one that cannot by
 * dialling it. 0 to `OWNER_KINDS` - 1.
 */
export function ownerKind (population: Population, owner: number): number {
  return 2 * IMPLEMENTATIONS.indexOf(population.implementation(owner)) + (population.reach(owner) === 'unreachable' ? 1 : 0)
}

/** The rules that owners of a kind follow */
export function implementationOf (kind: number): Implementation {
  return IMPLEMENTATIONS[kind >> 1]
}

/** The kind of those that follow the same rules and can be dialled */
export function dialableKind (kind: number): number {
  return kind & ~1
}
