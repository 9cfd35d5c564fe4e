import { expect, test } from 'vitest'
import { PutDriver } from '../../src/publish/put-driver.ts'
import { Put } from '../../src/publish/put.ts'

test('a put\'s driver carries out the commands in their order', () => {
  const done: string[] = []
  const driver = new PutDriver(new Put<number>({ target: Uint8Array.of(0), k: 2, returnAfter: 1 }), {
    store: peer => { done.push(`store ${peer}`) },
    onReturn: ({ holders, goesOn }) => { done.push(`return ${holders.join()} ${goesOn}`) },
    onFinish: ({ holders, failed }) => { done.push(`finish ${holders.join()} ${failed}`) }
  })

  driver.advance({ type: 'answered', peer: 2, kadId: Uint8Array.of(2), hasRecord: false })
  driver.advance({ type: 'answered', peer: 1, kadId: Uint8Array.of(1), hasRecord: false })
  expect(done).toEqual([])
  driver.advance({ type: 'walked' })
  driver.advance({ type: 'stored', peer: 2 })
  driver.advance({ type: 'failed', peer: 1 })

  expect(done).toEqual(['store 1', 'store 2', 'return 2 true', 'finish 2 1'])
})
