import type { TopLevelSpec } from 'vega-lite'

/**
 * A plot with its title and caption
 */
export interface Figure {
  /** The finding that the plot shows */
  title: string
  /** How to read the plot, for a reader who sees one of this kind for the first time */
  caption: string
  plot: TopLevelSpec
}
