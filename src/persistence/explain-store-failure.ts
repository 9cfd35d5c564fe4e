import { ScoreStoreError } from './score-store-error.ts'
import type { ScoreStoreProblem } from './score-store-error.ts'

interface Explanation {
  problem: ScoreStoreProblem
  reason: string
  remedy: string
}

/**
 * What differs from store to store in the message of its failure
 */
export interface StoreWording {
  /** What it keeps, as `scores` */
  content: string
  /** What to do when it is damaged */
  whenDamaged: string
}

const SCORES: StoreWording = { content: 'scores', whenDamaged: 'move it away or delete it, a new one is then begun' }

interface Failure {
  code: string | undefined
  message: string
}

/** Errors of the system. LevelDB gives their text, the file system their code. */
const SYSTEM_ERRORS: Array<{ codes: string[], text: RegExp } & Explanation> = [
  { codes: ['EACCES', 'EPERM'], text: /(Permission denied|Operation not permitted)$/, problem: 'no-permission', reason: 'permission denied', remedy: 'give this process the right to read and write it' },
  { codes: ['EROFS'], text: /Read-only file system$/, problem: 'no-permission', reason: 'its file system is read-only', remedy: 'give a location that can be written' },
  { codes: ['ENOSPC', 'EDQUOT'], text: /(No space left on device|Disk quota exceeded)$/, problem: 'no-space', reason: 'the disk is full', remedy: 'make room on it' },
  { codes: ['EEXIST', 'ENOTDIR'], text: /Not a directory$/, problem: 'misplaced', reason: 'there is a file where its directory should be', remedy: 'move the file or give another location' },
  { codes: ['EMFILE', 'ENFILE'], text: /Too many open files/, problem: 'unusable', reason: 'too many files are open', remedy: 'allow this process more of them' },
  { codes: ['EIO'], text: /Input\/output error$/, problem: 'unusable', reason: 'the disk has failed', remedy: 'check it or give a location on another' }
]

/** What LevelDB says when one of its files is gone, cut off or no file. The disk is not at fault then. */
const BROKEN_FILE = /(CURRENT|MANIFEST-\d+|\d+\.(ldb|sst|log)): (No such file or directory|Invalid argument|Is a directory|No such device)$/

/**
 * Makes a `ScoreStoreError` of whatever an engine threw, which need not be an error
 *
 * @param store - What the message begins with: `score store at ./peer-scores`
 * @param doing - What can't be done: `opened`, `read`, `written`
 */
export function explainStoreFailure (store: string, doing: string, thrown: unknown): ScoreStoreError {
  if (thrown instanceof ScoreStoreError) {
    return thrown
  }

  const { problem, message } = describeStoreFailure(store, doing, thrown, SCORES)

  return new ScoreStoreError(message, { problem, cause: thrown })
}

/**
 * Says in one line what an engine threw, in the words of any store: its name, the reason and
 * what to do
 */
export function describeStoreFailure (store: string, doing: string, thrown: unknown, wording: StoreWording): { problem: ScoreStoreProblem, message: string } {
  const { problem, reason, remedy } = explain(doing, rootOf(thrown), wording)

  return { problem, message: `${store} ${reason}; ${remedy}` }
}

function explain (doing: string, { code, message }: Failure, { content, whenDamaged }: StoreWording): Explanation {
  const system = SYSTEM_ERRORS.find(({ codes, text }) => codes.includes(code ?? '') || text.test(message))

  if (system !== undefined) {
    return { ...system, reason: `can't be ${doing}: ${system.reason}` }
  }

  if (code === 'LEVEL_CORRUPTION' || BROKEN_FILE.test(message)) {
    return { problem: 'damaged', reason: `is damaged: ${message}`, remedy: whenDamaged }
  }

  switch (code) {
    case 'LEVEL_LOCKED':
      return { problem: 'in-use', reason: 'is in use by another process, or by another node in this one', remedy: 'stop that one or give another location' }
    case 'LEVEL_DATABASE_NOT_OPEN':
    case 'LEVEL_ITERATOR_NOT_OPEN':
    case 'LEVEL_BATCH_NOT_OPEN':
      return { problem: 'closed', reason: "can't be used: the database is not open", remedy: 'open it before the node starts and close it after the node has stopped' }
    default:
      return { problem: 'unusable', reason: `can't be ${doing}: ${message}`, remedy: `mend this or give another place for the ${content}` }
  }
}

/** The error at the root: a database that can't open wraps it in another. Anything can be thrown, so it need not be an error. */
function rootOf (thrown: unknown): Failure {
  const error = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const code = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const [message] = textOf(error).split('\n')

  return { code, message: message === '' ? 'no reason was given' : message }
}

function textOf (error: unknown): string {
  if (error instanceof Error) {
    return error.message
  }

  try {
    return String(error)
  } catch {
    return ''
  }
}
