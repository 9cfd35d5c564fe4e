/**
 * Registers one test: `test` or `it` of Vitest, of `node:test`, of Mocha or of Jest
 *
 * @param name - A sentence
 * @param run - Rejects when the test fails
 */
export type TestFunction = (name: string, run: () => Promise<void>) => unknown
