import { describe, expect, test } from 'vitest'
import { TaskQueue } from '../../../../../benchmarks/simulator/clients/requests/task-queue.ts'
import { HashedRandom } from '../../../../../benchmarks/simulator/world/hashed-random.ts'
import type { TaskQueueInit } from '../../../../../benchmarks/simulator/clients/requests/task-queue.ts'

function given (init: Partial<TaskQueueInit<number>> = {}): { queue: TaskQueue<number>, started: number[], finish: Array<() => void>, idle: () => number } {
  const started: number[] = []
  const finish: Array<() => void> = []
  let idle = 0
  const queue = new TaskQueue<number>({
    concurrency: 2,
    maxWaiting: Infinity,
    start: (task, finished) => {
      started.push(task)
      finish.push(finished)
    },
    onIdle: () => { idle++ },
    ...init
  })

  return { queue, started, finish, idle: () => idle }
}

describe('TaskQueue', () => {
  test('runs so many at the same time, in their order', () => {
    const { queue, started, finish, idle } = given()

    for (const task of [5, 3, 4, 1]) {
      queue.add(task)
    }

    expect(started).toEqual([5, 3])
    finish[1]()
    finish[1]()
    expect(started).toEqual([5, 3, 4])
    finish[0]()
    finish[2]()
    expect(idle()).toBe(0)
    finish[3]()
    expect(started).toEqual([5, 3, 4, 1])
    expect(idle()).toBe(1)
  })

  test('does at once what takes no time, when its turn comes', () => {
    const done: number[] = []
    const { queue, started, finish, idle } = given({ concurrency: 1, doAtOnce: task => task % 2 === 0 && done.push(task) > 0 })

    for (const task of [2, 1, 4, 6, 3]) {
      queue.add(task)
    }

    expect([started, done, idle()]).toEqual([[1], [2], 1])
    finish[0]()
    expect([started, done, idle()]).toEqual([[1, 3], [2, 4, 6], 1])
    finish[1]()
    expect(idle()).toBe(2)
  })

  test('takes the first by comparison', () => {
    const { queue, started, finish } = given({ compare: (a, b) => a - b })

    for (const task of [5, 3, 4, 1]) {
      queue.add(task)
    }

    finish[0]()
    finish[1]()
    expect(started).toEqual([5, 3, 1, 4])
  })

  test('takes no more than may wait, and forgets one that is taken back', () => {
    const { queue, started, finish } = given({ concurrency: 1, maxWaiting: 1 })

    expect([1, 2, 3].map(task => queue.add(task))).toEqual([true, true, false])
    queue.remove(2)
    expect(queue.add(4)).toBe(true)
    finish[0]()
    expect(started).toEqual([1, 4])
  })

  test('starts what came first, whatever comes and is taken back meanwhile', () => {
    const random = new HashedRandom(1, 'task queue')
    const { queue, started, finish } = given({ concurrency: 1 })
    const expected: number[] = []
    const waiting: number[] = []

    queue.add(-1)

    for (let task = 0; task < 5000; task++) {
      const draw = random.uniform(task)

      // grows at first, then runs nearly empty
      if (waiting.length === 0 || draw < (task < 2500 ? 0.6 : 0.3)) {
        queue.add(task)
        waiting.push(task)
      } else if (draw < 0.8) {
        finish[started.length - 1]()
        expected.push(waiting.shift() as number)
      } else {
        queue.remove(waiting.splice(random.word(task, 1) % waiting.length, 1)[0])
      }
    }

    expect(started).toEqual([-1, ...expected])
    expect(expected.length).toBeGreaterThan(1000)
  })
})
