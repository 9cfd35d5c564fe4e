/** A block of code in a document */
export interface CodeBlock {
  language: string
  code: string
}

/**
 * The blocks of code of a document, in its order
 */
export function codeBlocksOf (text: string): CodeBlock[] {
  return Array.from(text.matchAll(/^```(\w*)\n(.*?)^```$/gms), ([, language, code]) => ({ language, code }))
}

/**
 * Where the links and pictures of a document lead, but for those that leave the package
 */
export function relativeLinksOf (text: string): string[] {
  return Array.from(proseOf(text).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target).filter(target => !/^[a-z]+:/.test(target))
}

/**
 * By what names the headings of a document can be linked to
 */
export function anchorsOf (text: string): string[] {
  return Array.from(proseOf(text).matchAll(/^#+ (.+)$/gm), ([, heading]) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'))
}

function proseOf (text: string): string {
  return text.replace(/^```.*?^```$/gms, '')
}
