import type { Study, StudyFindings } from './study.ts'
import type { Results } from '../../report/results.ts'

/**
 * What a study's report shows
 */
export interface StudyPage {
  study: Study
  findings: StudyFindings
  notes: string[]
  seed: number
  parameters: Record<string, unknown>
  environment: Pick<Results, 'versions' | 'machine'>
}
