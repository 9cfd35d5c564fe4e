import { describe, expect, test } from 'vitest'
import { WORLD_CONDITIONS } from '../../../../benchmarks/simulator/world/conditions.ts'
import { GeneratedPopulation } from '../../../../benchmarks/simulator/world/generated-population.ts'
import { HashedRandom } from '../../../../benchmarks/simulator/world/hashed-random.ts'
import { REGIONS } from '../../../../benchmarks/simulator/world/regions.ts'
import { commonPrefixLength } from '../../../../src/keyspace/common-prefix-length.ts'
import { compareDistance } from '../../../../src/keyspace/xor-distance.ts'
import type { WorldConditions } from '../../../../benchmarks/simulator/world/conditions.ts'
import type { KadId } from '../../../../src/keyspace/kad-id.ts'

const CONDITIONS = WORLD_CONDITIONS['amino-2025']
const random = new HashedRandom(1, 'population test')

function populationOf (size: number, overrides: Partial<WorldConditions> = {}, seed = 1): GeneratedPopulation {
  return new GeneratedPopulation({ size, seed, conditions: { ...CONDITIONS, ...overrides } })
}

function key (number: number): KadId {
  return Uint8Array.from({ length: 32 }, (_, byte) => random.word(number, byte) & 0xff)
}

/** All nodes */
function nodesOf (population: GeneratedPopulation): number[] {
  return Array.from({ length: population.size }, (_, node) => node)
}

function closestByComparison (population: GeneratedPopulation, target: KadId, nodes = nodesOf(population)): number[] {
  return nodes.sort((a, b) => compareDistance(target, population.kadId(a), population.kadId(b)))
}

function shareOf (population: GeneratedPopulation, holds: (node: number) => boolean): number {
  return nodesOf(population).filter(holds).length / population.size
}

describe('the kad ids of a GeneratedPopulation', () => {
  test('ascend', () => {
    const population = populationOf(5000)
    const origin = new Uint8Array(32)

    expect(nodesOf(population).every(node => node === 0 || compareDistance(origin, population.kadId(node - 1), population.kadId(node)) < 0)).to.equal(true)
  })

  test('are 32 bytes, each with all values alike', () => {
    const population = populationOf(20_000)

    for (let byte = 0; byte < 32; byte++) {
      const mean = nodesOf(population).reduce((sum, node) => sum + population.kadId(node)[byte], 0) / population.size

      // standard deviation 0.52
      expect(mean, `byte ${byte}`).to.be.closeTo(127.5, 2.5)
    }

    expect(population.kadId(0)).to.have.lengthOf(32)
  })

  test('are the same objects each time', () => {
    const population = populationOf(10)

    expect(population.kadId(3)).to.equal(population.kadId(3))
  })

  test('are those of the seed', () => {
    const ids = (seed: number): string[] => {
      const population = populationOf(100, {}, seed)

      return nodesOf(population).map(node => Buffer.from(population.kadId(node)).toString('hex'))
    }

    expect(ids(1)).to.deep.equal(ids(1))
    expect(new Set([...ids(1), ...ids(2)]).size).to.equal(200)
  })
})

describe('closest of a GeneratedPopulation', () => {
  test.each([1, 2, 3, 17, 100, 3000])('finds what comparing all of %d nodes finds', size => {
    const population = populationOf(size)

    for (let number = 0; number < 40; number++) {
      const target = key(number)

      expect(population.closest(target, 20)).to.deep.equal(closestByComparison(population, target).slice(0, 20))
    }
  })

  test('begins with the node itself when asked for its own kad id', () => {
    const population = populationOf(1000)

    for (const node of [0, 1, 499, 998, 999]) {
      expect(population.closest(population.kadId(node), 20)).to.deep.equal(closestByComparison(population, population.kadId(node)).slice(0, 20))
    }
  })

  test('passes over those that are not accepted', () => {
    const population = populationOf(1000)
    const accept = (node: number): boolean => node % 7 === 3

    for (let number = 0; number < 20; number++) {
      const target = key(number)

      expect(population.closest(target, 10, accept)).to.deep.equal(closestByComparison(population, target).filter(accept).slice(0, 10))
    }
  })

  test('names all there are, and nobody, when that is asked for', () => {
    const population = populationOf(30)

    expect(population.closest(key(0), 100)).to.deep.equal(closestByComparison(population, key(0)))
    expect(population.closest(key(0), 100, () => false)).to.deep.equal([])
    expect(population.closest(key(0), 0)).to.deep.equal([])
  })

  test('looks at no more nodes than it needs', () => {
    const population = populationOf(100_000)
    let asked = 0

    population.closest(key(0), 20, () => {
      asked++

      return true
    })

    expect(asked).to.equal(20)
  })

  test('tells nodes apart that share their first 32 bits', () => {
    const population = populationOf(300_000)
    const twins = nodesOf(population).filter(node => node > 0 && commonPrefixLength(population.kadId(node - 1), population.kadId(node)) >= 32)

    // 10 pairs are expected
    expect(twins.length).to.be.within(2, 25)

    for (const twin of twins) {
      for (const target of [population.kadId(twin), population.kadId(twin - 1)]) {
        const around = [-3, -2, -1, 0, 1, 2].map(offset => twin + offset).filter(node => node >= 0 && node < population.size)

        expect(population.closest(target, 2)).to.deep.equal(closestByComparison(population, target, around).slice(0, 2))
        expect(population.range(target, 32).to - population.range(target, 32).from).to.be.at.least(2)
        expect(population.range(target, 256)).to.deep.equal({ from: population.closest(target, 1)[0], to: population.closest(target, 1)[0] + 1 })
      }
    }
  })
})

describe('range of a GeneratedPopulation', () => {
  test('is that of the nodes with the prefix, empty where there is none', () => {
    const population = populationOf(2000)

    for (let number = 0; number < 20; number++) {
      for (const bits of [1, 3, 7, 8, 9, 11, 16, 40]) {
        const { from, to } = population.range(key(number), bits)
        const inside = nodesOf(population).filter(node => commonPrefixLength(key(number), population.kadId(node)) >= bits)

        expect(nodesOf(population).slice(from, to)).to.deep.equal(inside)
      }
    }
  })

  test('is that of all nodes for no bits, of one for all of its own', () => {
    const population = populationOf(100)

    expect(population.range(key(0), 0)).to.deep.equal({ from: 0, to: 100 })
    expect(population.range(population.kadId(42), 256)).to.deep.equal({ from: 42, to: 43 })
    expect(population.range(key(0), 256).to).to.equal(population.range(key(0), 256).from)
  })
})

describe('the nodes of a GeneratedPopulation', () => {
  // standard deviations of the shares are below 0.0025
  const SIZE = 40_000
  const TOLERANCE = 0.01

  test('are where the conditions say', () => {
    const population = populationOf(SIZE, { regionShares: { 'eu-central-1': 3, 'sa-east-1': 1 } })

    expect(shareOf(population, node => REGIONS[population.region(node)] === 'eu-central-1')).to.be.closeTo(0.75, TOLERANCE)
    expect(shareOf(population, node => REGIONS[population.region(node)] === 'sa-east-1')).to.be.closeTo(0.25, TOLERANCE)
  })

  test('have log-normal last miles, constant for a node', () => {
    const population = populationOf(SIZE, { lastMileMedianMs: 8, lastMileSigma: 0.5 })

    expect(shareOf(population, node => population.lastMileMs(node) < 8)).to.be.closeTo(0.5, TOLERANCE)
    expect(shareOf(population, node => population.lastMileMs(node) < 8 * Math.exp(0.5))).to.be.closeTo(0.8413, TOLERANCE)
    expect(population.lastMileMs(5)).to.equal(population.lastMileMs(5))
  })

  test('are unreachable as often as the conditions say', () => {
    const population = populationOf(SIZE, { unreachableShare: 0.3 })

    expect(shareOf(population, node => population.reach(node) === 'unreachable')).to.be.closeTo(0.3, TOLERANCE)
    expect(shareOf(population, node => population.reach(node) === 'public')).to.be.closeTo(0.7, TOLERANCE)
  })

  test('behind NATs are reached through relays or not at all, besides those unreachable anyway', () => {
    const population = populationOf(SIZE, { natShare: 0.8, natRelayedShare: 0.7, unreachableShare: 0.25 })

    expect(shareOf(population, node => population.reach(node) === 'relayed')).to.be.closeTo(0.56, TOLERANCE)
    expect(shareOf(population, node => population.reach(node) === 'unreachable')).to.be.closeTo(0.24 + 0.05, TOLERANCE)
    expect(shareOf(population, node => population.reach(node) === 'public')).to.be.closeTo(0.15, TOLERANCE)
  })

  test('run what the conditions say, and those that adopt the scored service come from all others alike', () => {
    const population = populationOf(SIZE, { adoption: 0.5, kadDhtShare: 0.2 })

    expect(shareOf(population, node => population.implementation(node) === 'scored')).to.be.closeTo(0.5, TOLERANCE)
    expect(shareOf(population, node => population.implementation(node) === 'kad-dht')).to.be.closeTo(0.1, TOLERANCE)
    expect(shareOf(population, node => population.implementation(node) === 'go-kad-dht')).to.be.closeTo(0.4, TOLERANCE)
  })

  test('keep to what they run and where they are when more adopt the scored service', () => {
    const before = populationOf(2000, { adoption: 0.2, kadDhtShare: 0.2 })
    const after = populationOf(2000, { adoption: 0.6, kadDhtShare: 0.2 })

    for (let node = 0; node < before.size; node++) {
      expect(after.kadId(node)).to.deep.equal(before.kadId(node))
      expect(after.region(node)).to.equal(before.region(node))
      expect(['scored', before.implementation(node)]).to.include(after.implementation(node))
    }
  })

  test('are absent in the ways that the conditions say', () => {
    const population = populationOf(SIZE, { absenceShares: { refuses: 1, silent: 2, stalls: 1 } })

    expect(shareOf(population, node => population.absence(node) === 'refuses')).to.be.closeTo(0.25, TOLERANCE)
    expect(shareOf(population, node => population.absence(node) === 'silent')).to.be.closeTo(0.5, TOLERANCE)
    expect(shareOf(population, node => population.absence(node) === 'stalls')).to.be.closeTo(0.25, TOLERANCE)
  })

  test('are slow and hostile as often as the conditions say', () => {
    const population = populationOf(SIZE, { slowShare: 0.1, liesShare: 0.2 })

    expect(shareOf(population, node => population.habit(node) === 'slow')).to.be.closeTo(0.1, TOLERANCE)
    expect(shareOf(population, node => population.habit(node) === 'lies')).to.be.closeTo(0.2, TOLERANCE)
  })
})
