import type { Random } from './random.ts'

/**
 * The items in random order (Fisher-Yates)
 *
 * @param random - Uniform in [0, 1)
 */
export function shuffle<T> (items: readonly T[], random: Random): T[] {
  const shuffled = [...items]

  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))

    ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
  }

  return shuffled
}
