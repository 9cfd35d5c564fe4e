import { describe, expect, test } from 'vitest'
import { StreamTurn } from '../../../src/libp2p/streams/stream-turn.ts'
import type { StreamTurns } from '../../../src/libp2p/streams/stream-turn.ts'

const FOREVER = {}

describe('turns to have a stream to a peer', () => {
  test('are taken at once while nobody waits, and leave nothing behind', async () => {
    const { turns, make } = turnsOf()
    const [first, second] = [make('a'), make('b')]
    await first.begin(FOREVER)
    await second.begin(FOREVER)

    expect(first.hasCompany).toBe(false)
    first.end()
    first.end()
    second.end()
    expect(turns.size).toBe(0)
  })

  test('come in the order of waiting, newcomers last', async () => {
    const { make, log, follow } = turnsOf()
    const [holder, second, third] = [make('a'), make('a'), make('a')]
    await Promise.all([holder, second].map(async turn => turn.begin(FOREVER)))
    follow('second', second.beginAgain(FOREVER))
    follow('third', third.begin(FOREVER))
    await settled()
    expect(log).toEqual([])

    holder.end()
    await settled()
    expect(log).toEqual(['second'])

    second.end()
    await settled()
    expect(log).toEqual(['second', 'third'])
  })

  test('are kept by the last one while all others wait', async () => {
    const { make, log, follow } = turnsOf()
    const [first, last] = [make('a'), make('a')]
    await Promise.all([first, last].map(async turn => turn.begin(FOREVER)))
    follow('first', first.beginAgain(FOREVER))
    follow('last', last.beginAgain(FOREVER))
    await settled()

    expect(log).toEqual(['last'])
    last.end()
    await settled()
    expect(log).toEqual(['last', 'first'])
  })

  test('pass whoever gave up, before or after its turn came', async () => {
    const { turns, make, log, follow } = turnsOf()
    const [holder, impatient, patient] = [make('a'), make('a'), make('a')]
    const controller = new AbortController()
    await Promise.all([holder, impatient].map(async turn => turn.begin(FOREVER)))
    const waiting = impatient.beginAgain({ signal: controller.signal })
    follow('patient', patient.begin(FOREVER))

    // its turn comes, and in the same moment it is given up
    holder.end()
    controller.abort()
    await waiting.catch(() => {})
    impatient.end()
    await settled()
    expect(log).toEqual(['patient'])

    patient.end()
    expect(turns.size).toBe(0)
  })
})

function turnsOf (): { turns: StreamTurns, make: (peer: string) => StreamTurn, log: string[], follow: (name: string, began: Promise<void>) => void } {
  const turns: StreamTurns = new Map()
  const log: string[] = []

  return {
    turns,
    make: peer => new StreamTurn(turns, peer),
    log,
    follow: (name, began) => { began.then(() => { log.push(name) }, () => {}) }
  }
}

async function settled (): Promise<void> {
  for (let i = 0; i < 20; i++) {
    await Promise.resolve()
  }
}
