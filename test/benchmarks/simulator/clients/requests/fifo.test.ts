import { expect, it } from 'vitest'
import { Fifo } from '../../../../../benchmarks/simulator/clients/requests/fifo.ts'
import { HashedRandom } from '../../../../../benchmarks/simulator/world/hashed-random.ts'

it('gives back what came first, whatever comes and is taken out meanwhile', () => {
  const random = new HashedRandom(1, 'fifo')
  const fifo = new Fifo<number>()
  const model: number[] = []

  for (let item = 0; item < 5000; item++) {
    const draw = random.uniform(item)

    // grows at first, then runs empty
    if (draw < (item < 2500 ? 0.6 : 0.3)) {
      fifo.push(item)
      model.push(item)
    } else if (draw < 0.8) {
      expect(fifo.pop()).toBe(model.shift())
    } else if (model.length > 0) {
      const [removed] = model.splice(random.word(item, 1) % model.length, 1)

      fifo.remove(removed)
    } else {
      fifo.remove(-1)
    }

    expect(fifo.length).toBe(model.length)
  }
})
