const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }

/**
 * Escape a text, so that it is safe between tags and inside quoted attributes
 */
export function escapeHtml (text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character] ?? '')
}
