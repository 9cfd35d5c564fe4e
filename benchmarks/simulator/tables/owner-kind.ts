import { IMPLEMENTATIONS } from '../world/population.ts'
import type { Implementation, Population } from '../world/population.ts'

/** Number of kinds of owners */
export const OWNER_KINDS = 2 * IMPLEMENTATIONS.length

/**
 * Sorts the owners of tables into kinds. Tables differ by the rules that their owners
 * follow, and by whether their owners can be dialled: no node enters a table by dialling
 * an owner that cannot be dialled. Kinds are numbers from 0 to `OWNER_KINDS` - 1.
 */
export function ownerKind (population: Population, owner: number): number {
  return 2 * IMPLEMENTATIONS.indexOf(population.implementation(owner)) + (population.reach(owner) === 'unreachable' ? 1 : 0)
}

/** The implementation whose rules the owners of a kind follow */
export function implementationOf (kind: number): Implementation {
  return IMPLEMENTATIONS[kind >> 1]
}

/** The kind with the same rules whose owners can be dialled */
export function dialableKind (kind: number): number {
  return kind & ~1
}
