import { equals } from 'uint8arrays/equals'
import { headOf } from './head-of.ts'
import { compareDistance } from './xor-distance.ts'
import type { KadId } from './kad-id.ts'

/** A leaf that grows beyond this is split */
const LEAF_CAPACITY = 8

/** Two leaves that hold no more than this together become one. It is less than a full leaf, so that the next key does not split it again. */
const MERGED_SIZE = LEAF_CAPACITY / 2

/**
 * One key of a `PrefixTrie` and its value
 */
export interface PrefixTrieEntry<T> {
  readonly key: KadId
  readonly value: T
}

/**
 * A map from kad ids to values that finds the keys closest to a target without
 * looking at the others: a binary trie whose leaves hold a few entries each.
 *
 * All keys have the same length. The trie keeps the arrays that it is given and makes no
 * copies. A method that takes a key or a target throws a `RangeError` when its length
 * differs. The trie must not change while one of its generators is read.
 */
export class PrefixTrie<T> {
  #root: Node<T> = []
  #size = 0
  #keyLength: number | undefined

  /** Add a key, or replace its value */
  set (key: KadId, value: T): void {
    this.#checkLength(key)
    let parent: Branch<T> | undefined
    let node = this.#root

    while (!isLeaf(node)) {
      parent = node
      node = node.children[bitAt(key, node.depth)]
    }

    const index = indexIn(node, key)

    if (index !== -1) {
      node[index].value = value
      return
    }

    this.#keyLength ??= key.length
    this.#size++
    node.push({ key, value, head: headOf(key) })

    if (node.length > LEAF_CAPACITY) {
      this.#putBelow(parent, key, split(node, parent === undefined ? 0 : parent.depth + 1))
    }
  }

  /**
   * Remove a key.
   *
   * @returns Whether it was here
   */
  delete (key: KadId): boolean {
    this.#checkLength(key)
    const path: Array<Branch<T>> = []
    let node = this.#root

    while (!isLeaf(node)) {
      path.push(node)
      node = node.children[bitAt(key, node.depth)]
    }

    const index = indexIn(node, key)

    if (index === -1) {
      return false
    }

    // the entries of a leaf have no order, so the last one may fill the gap
    const last = node.pop() as Entry<T>

    if (index < node.length) {
      node[index] = last
    }

    this.#size--

    for (let merged = mergedChildren(path.pop()); merged !== undefined; merged = mergedChildren(path.pop())) {
      this.#putBelow(path.at(-1), key, merged)
    }

    return true
  }

  /**
   * The closest keys to a target, by ascending XOR distance.
   *
   * @param n - At most so many; fewer when fewer are accepted
   * @param accept - An entry for which it returns false is passed over @default accepts all
   */
  closest (target: KadId, n: number, accept?: (value: T, key: KadId) => boolean): Array<PrefixTrieEntry<T>> {
    const found: Array<PrefixTrieEntry<T>> = []

    if (n < 1 || this.#size === 0) {
      return found
    }

    for (const entry of this.byDistance(target)) {
      if (accept === undefined || accept(entry.value, entry.key)) {
        found.push(entry)

        if (found.length === n) {
          break
        }
      }
    }

    return found
  }

  /** Every entry by ascending XOR distance from a target. Only the entries that are read cost time. */
  * byDistance (target: KadId): Generator<PrefixTrieEntry<T>, void, undefined> {
    this.#checkLength(target)
    const targetHead = headOf(target)
    const pending: Array<Node<T>> = [this.#root]

    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      while (!isLeaf(node)) {
        const near = bitAt(target, node.depth)
        pending.push(node.children[1 - near])
        node = node.children[near]
      }

      // all of this leaf is closer than all that is pending
      yield * node.toSorted((a, b) => a.head === b.head
        ? compareDistance(target, a.key, b.key)
        : ((a.head ^ targetHead) >>> 0) - ((b.head ^ targetHead) >>> 0))
    }
  }

  /** Put a node where a key belongs, below its parent, or in place of the root */
  #putBelow (parent: Branch<T> | undefined, key: KadId, node: Node<T>): void {
    if (parent === undefined) {
      this.#root = node
    } else {
      parent.children[bitAt(key, parent.depth)] = node
    }
  }

  #checkLength (key: KadId): void {
    if (this.#keyLength !== undefined && key.length !== this.#keyLength) {
      throw new RangeError(`A kad id of ${key.length} bytes among kad ids of ${this.#keyLength} bytes`)
    }
  }
}

interface Entry<T> extends PrefixTrieEntry<T> {
  value: T
  /**
   * The key's first 32 bits. They decide nearly every comparison, so that the key is not
   * read from memory. Without them `closest` of 100,000 keys takes 2.5 times as long.
   */
  readonly head: number
}

type Leaf<T> = Array<Entry<T>>

interface Branch<T> {
  /** Which bit tells the two children apart: the keys below the first child have a 0 there */
  depth: number
  children: [Node<T>, Node<T>]
}

type Node<T> = Leaf<T> | Branch<T>

type Bit = 0 | 1

function isLeaf<T> (node: Node<T>): node is Leaf<T> {
  return Array.isArray(node)
}

/** Where a key is in a leaf, or -1. The heads tell other keys apart, so these are not read from memory. */
function indexIn<T> (leaf: Leaf<T>, key: KadId): number {
  const head = headOf(key)

  for (let i = 0; i < leaf.length; i++) {
    if (leaf[i].head === head && equals(leaf[i].key, key)) {
      return i
    }
  }

  return -1
}

function bitAt (key: KadId, depth: number): Bit {
  return (key[depth >> 3] >> (7 - (depth & 7)) & 1) as Bit
}

/** A branch at this depth with the entries of a leaf below it. A child that is still too large is split as well. */
function split<T> (leaf: Leaf<T>, depth: number): Branch<T> {
  const leaves: [Leaf<T>, Leaf<T>] = [[], []]

  for (const entry of leaf) {
    leaves[bitAt(entry.key, depth)].push(entry)
  }

  const [zero, one] = leaves

  return {
    depth,
    children: [
      zero.length > LEAF_CAPACITY ? split(zero, depth + 1) : zero,
      one.length > LEAF_CAPACITY ? split(one, depth + 1) : one
    ]
  }
}

/** One leaf with the entries of both children, where they are leaves and small */
function mergedChildren<T> (branch: Branch<T> | undefined): Leaf<T> | undefined {
  if (branch === undefined) {
    return undefined
  }

  const [zero, one] = branch.children

  return isLeaf(zero) && isLeaf(one) && zero.length + one.length <= MERGED_SIZE ? [...zero, ...one] : undefined
}
