import type { TopLevelSpec } from 'vega-lite'

/**
 * A plot and the words that go with it
 */
export interface Figure {
  /** What was found */
  title: string
  /** How to read the plot, for somebody who sees one of this kind for the first time */
  caption: string
  plot: TopLevelSpec
}
