import { reader } from 'protons-runtime'
import type { Reader } from 'protons-runtime'

const VARINT = 0

/** The fields that are messages themselves: a record, and peers */
const MESSAGES = new Set([3, 8, 9])
const NONE = new Set<number>()

/**
 * The messages that came on a stream, each as its fields in the order in which they came:
 * numbers as they are, and the length of what is bytes. It is how two senders differ, whatever
 * they ask for.
 */
export function messagesOf (bytes: Uint8Array): string[] {
  const stream = reader(bytes)
  const messages: string[] = []

  while (stream.pos < stream.len) {
    messages.push(fieldsOf(stream.bytes(), MESSAGES))
  }

  return messages
}

function fieldsOf (bytes: Uint8Array, nested: ReadonlySet<number>): string {
  const message = reader(bytes)
  const fields: string[] = []

  while (message.pos < message.len) {
    const tag = message.uint32()

    fields.push(`${tag >>> 3}: ${valueOf(message, tag, nested.has(tag >>> 3))}`)
  }

  return `{ ${fields.join(', ')} }`
}

function valueOf (message: Reader, tag: number, isMessage: boolean): string {
  if ((tag & 7) === VARINT) {
    return String(message.int32())
  }

  const bytes = message.bytes()

  return isMessage ? fieldsOf(bytes, NONE) : `${bytes.length} bytes`
}
