import { describe, expect, test } from 'vitest'
import { HashedRandom } from '../../../../benchmarks/simulator/world/hashed-random.ts'
import { SessionPace } from '../../../../benchmarks/simulator/world/session-pace.ts'
import { weibull } from '../../../../benchmarks/simulator/world/weibull.ts'

const NODES = 200_000
const random = new HashedRandom(1, 'pace test')

describe('SessionPace', () => {
  test.each([[0.38, 0.2], [0.61, 0.3]])('keeps the Weibull distribution of shape %d over all sessions at a correlation of %d', (shape, correlation) => {
    const paces = new SessionPace(shape, correlation)
    let total = 0
    const longer = new Map([[0.2, 0], [1, 0], [5, 0]])

    for (let node = 0; node < NODES; node++) {
      const pace = paces.draw(random.sequence(node))
      const length = pace * weibull(paces.shape, random.uniform(node))

      // a node has one session in as many as its pace is long
      total += 1 / pace

      for (const [limit, weight] of longer) {
        longer.set(limit, weight + (length > limit ? 1 / pace : 0))
      }
    }

    for (const [limit, weight] of longer) {
      expect(weight / total).to.be.closeTo(Math.exp(-(limit ** shape)), 0.02)
    }
  })

  test.each([0.2, 0.5])('gives two sessions of a node a rank correlation of %d', correlation => {
    const paces = new SessionPace(0.6, correlation)
    let concordance = 0
    let total = 0

    for (let node = 0; node < NODES; node += 2) {
      const [a, b] = [node, node + 1].map(other => {
        const pace = paces.draw(random.sequence(other))

        return { pace, lengths: [0, 1].map(count => pace * weibull(paces.shape, random.uniform(other, count))) }
      })
      const weight = 1 / a.pace / b.pace

      concordance += weight * Math.sign((a.lengths[0] - b.lengths[0]) * (a.lengths[1] - b.lengths[1]))
      total += weight
    }

    expect(concordance / total).to.be.closeTo(correlation, 0.05)
  })

  test('is the same for all nodes without a correlation', () => {
    const paces = new SessionPace(0.38, 0)

    expect(paces.shape).to.equal(0.38)
    expect(paces.draw(random.sequence(1))).to.equal(1)
  })
})
