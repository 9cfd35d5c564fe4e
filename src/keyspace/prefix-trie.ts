import { equals } from 'uint8arrays/equals'
import { compareDistance } from './xor-distance.ts'
import type { KadId } from './kad-id.ts'

/** A leaf that grows beyond this is split */
const LEAF_CAPACITY = 8

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
 * All keys have one length; they are kept, not copied. Every method that takes a
 * key or a target throws a `RangeError` when its length differs from that of the
 * keys here. A trie must not change while one of its generators is being read.
 */
export class PrefixTrie<T> {
  #root: Node<T> = []
  #size = 0
  #keyLength: number | undefined

  /** How many keys there are */
  get size (): number {
    return this.#size
  }

  /** Add a key, or replace its value */
  set (key: KadId, value: T): void {
    const known = this.#find(key)

    if (known !== undefined) {
      known.value = value
      return
    }

    this.#keyLength ??= key.length
    this.#root = insert(this.#root, { key, value, head: headOf(key) }, 0)
    this.#size++
  }

  /** The value of a key */
  get (key: KadId): T | undefined {
    return this.#find(key)?.value
  }

  /** Whether the key is here */
  has (key: KadId): boolean {
    return this.#find(key) !== undefined
  }

  /**
   * Remove a key.
   *
   * @returns Whether it was here
   */
  delete (key: KadId): boolean {
    if (!this.has(key)) {
      return false
    }

    this.#root = remove(this.#root, key)
    this.#size--

    return true
  }

  /** Remove every key; those that come next may have another length */
  clear (): void {
    this.#root = []
    this.#size = 0
    this.#keyLength = undefined
  }

  /**
   * The closest keys to a target, by ascending XOR distance.
   *
   * @param n - At most so many; fewer when fewer are accepted
   * @param accept - Passes over those it returns false for @default accepts all
   */
  closest (target: KadId, n: number, accept?: (value: T, key: KadId) => boolean): Array<PrefixTrieEntry<T>> {
    const found: Array<PrefixTrieEntry<T>> = []

    if (n < 1) {
      return found
    }

    for (const entry of this.byDistance(target)) {
      if (accept == null || accept(entry.value, entry.key)) {
        found.push(entry)

        if (found.length === n) {
          break
        }
      }
    }

    return found
  }

  /** Every entry by ascending XOR distance from a target; works only as far as it is read */
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

  /** Every entry, in no particular order */
  * entries (): Generator<PrefixTrieEntry<T>, void, undefined> {
    const pending: Array<Node<T>> = [this.#root]

    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (isLeaf(node)) {
        yield * node
      } else {
        pending.push(...node.children)
      }
    }
  }

  #find (key: KadId): Entry<T> | undefined {
    this.#checkLength(key)
    let node = this.#root

    while (!isLeaf(node)) {
      node = node.children[bitAt(key, node.depth)]
    }

    return node[indexIn(node, key)]
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
   * The key's first 32 bits. They decide nearly every comparison without reading
   * the key from memory: `closest` of 100,000 keys takes 2.5 times as long without.
   */
  readonly head: number
}

type Leaf<T> = Array<Entry<T>>

interface Branch<T> {
  /** The bit by which the keys below it part: the first child has 0 there */
  depth: number
  children: [Node<T>, Node<T>]
}

type Node<T> = Leaf<T> | Branch<T>

type Bit = 0 | 1

function isLeaf<T> (node: Node<T>): node is Leaf<T> {
  return Array.isArray(node)
}

function headOf (key: KadId): number {
  return key[0] << 24 | key[1] << 16 | key[2] << 8 | key[3]
}

/** Where a key is in a leaf, or -1; others are told by their heads, without reading them from memory */
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

/** Insert a key that is not there; returns what takes the node's place */
function insert<T> (node: Node<T>, entry: Entry<T>, depth: number): Node<T> {
  if (isLeaf(node)) {
    node.push(entry)

    return node.length > LEAF_CAPACITY ? split(node, depth) : node
  }

  const side = bitAt(entry.key, depth)
  node.children[side] = insert(node.children[side], entry, depth + 1)

  return node
}

function split<T> (leaf: Leaf<T>, depth: number): Branch<T> {
  const branch: Branch<T> = { depth, children: [[], []] }

  // keys that share this bit too end up in one child, which then splits in turn
  for (const entry of leaf) {
    insert<T>(branch, entry, depth)
  }

  return branch
}

/** Remove a key that is there; returns what takes the node's place */
function remove<T> (node: Node<T>, key: KadId): Node<T> {
  if (isLeaf(node)) {
    node.splice(indexIn(node, key), 1)

    return node
  }

  const side = bitAt(key, node.depth)
  node.children[side] = remove(node.children[side], key)
  const [zero, one] = node.children

  if (isLeaf(zero) && isLeaf(one) && zero.length + one.length <= LEAF_CAPACITY) {
    return [...zero, ...one]
  }

  return node
}
