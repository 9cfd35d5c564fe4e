import { describe, expect, test } from 'vitest'
import { ProgressLine } from '../../../src/cli/provide/progress-line.ts'

const START = '\r\x1b[K'

function terminal (isTTY = true): { progress: ProgressLine, written: string[], pass: (ms: number) => void } {
  const written: string[] = []
  let now = 0

  return {
    progress: new ProgressLine({ isTTY, write: text => written.push(text) }, () => now),
    written,
    pass: ms => { now += ms }
  }
}

describe('the progress line', () => {
  test('shows the share, the rate and the time left', () => {
    const { progress, written, pass } = terminal()
    progress.update(0, 2_000_000, 0, 'keys')
    pass(1_000)
    progress.update(500_000, 2_000_000, 600_000, 'keys')
    pass(1_000)
    progress.update(1_999_999, 2_000_000, 7_000_000, 'keys, 3 failed')
    pass(1_000)
    progress.update(500, 20_000, 100_000, 'keys')

    expect(written).toEqual([
      `${START}------------------------ 0% | 0/2,000,000 keys | 0/s | time left unknown`,
      `${START}######------------------ 25% | 500,000/2,000,000 keys | 833/s | 30:00 left`,
      `${START}#######################- 99% | 1,999,999/2,000,000 keys, 3 failed | 286/s | 0:01 left`,
      `${START}------------------------ 2% | 500/20,000 keys | 5/s | 1:05:00 left`
    ])
  })

  test('is drawn five times a second at most, and after a pause at once', () => {
    const { progress, written, pass } = terminal()
    progress.count(1, 'CIDs read')
    pass(199)
    progress.count(2, 'CIDs read')
    pass(1)
    progress.count(3_000, 'CIDs read')
    progress.clear()
    progress.count(4, 'CIDs read')

    expect(written).toEqual([`${START}1 CIDs read`, `${START}3,000 CIDs read`, START, `${START}4 CIDs read`])
  })

  test('is not drawn where there is no terminal', () => {
    const { progress, written } = terminal(false)
    progress.count(1, 'CIDs read')
    progress.update(1, 2, 1, 'keys')
    progress.clear()

    expect(written).toEqual([])
  })

  test('that was never drawn is not taken away', () => {
    const { progress, written } = terminal()
    progress.clear()

    expect(written).toEqual([])
  })
})
