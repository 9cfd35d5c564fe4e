import { describe, expect, test } from 'vitest'
import { RunningOperation } from '../../../../../benchmarks/simulator/clients/requests/running-operation.ts'

describe('RunningOperation', () => {
  test('reports once, and gives up what it has started', () => {
    const operation = new RunningOperation()
    const events: string[] = []

    operation.started(() => { events.push('cancelled') })
    operation.end(() => { events.push('reported') })
    operation.end(() => { events.push('reported again') })

    expect(events).toEqual(['cancelled', 'reported'])
  })

  test('gives up at once what is started after its end', () => {
    const operation = new RunningOperation()
    const events: string[] = []

    operation.cancel()
    operation.started(() => { events.push('cancelled') })
    operation.end(() => { events.push('reported') })

    expect(events).toEqual(['cancelled'])
  })
})
