import type { TestFunction } from '../../src/testing/test-function.ts'

/**
 * Runs a suite with a test function of its own
 *
 * @returns The titles of the tests that fail, without the name that they begin with
 */
export async function failuresOf (register: (test: TestFunction) => void): Promise<string[]> {
  const tests: Array<{ title: string, run: () => Promise<void> }> = []
  const failed: string[] = []

  register((name, run) => { tests.push({ title: name.slice(name.indexOf(': ') + 2), run }) })

  for (const { title, run } of tests) {
    await run().catch(() => { failed.push(title) })
  }

  return failed
}
