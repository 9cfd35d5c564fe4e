import { expect, test } from 'vitest'
import { htmlTable } from '../../../benchmarks/report/html-table.ts'

test('words start at the left, numbers end at the right, and what could be markup is escaped', () => {
  expect(htmlTable(['setting', 'arm', 'p50 ms'], [['20%', 'a < b', '12'], ['40%', 'c', '']])).toBe(
    '<div class="wide"><table><tr><th class="words">setting<th class="words">arm<th>p50 ms\n' +
    '<tr><td class="words">20%<td class="words">a &lt; b<td>12\n' +
    '<tr><td class="words">40%<td class="words">c<td></table></div>')
})
