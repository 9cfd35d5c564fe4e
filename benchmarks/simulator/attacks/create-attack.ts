import { AnswersFirst } from './answers-first.ts'
import { Inventions } from './inventions.ts'
import type { Attack, AttackInit, AttackName } from './attack.ts'

/**
 * @throws {Error} The network has nobody who could carry the attack out
 */
export function createAttack (name: AttackName, init: AttackInit): Attack {
  switch (name) {
    case 'answers-first':
      return new AnswersFirst(init)
    case 'inventions':
      return new Inventions(init)
    default:
      return name satisfies never
  }
}
