// Scoring a text: what Score Selection and Score Document share.
import { SCORE_TEXT, type ScoreReport, type ScoreTextParams } from '../../protocol/src/requests.ts';
import { withProgress } from './progress.ts';
import type { Server } from './server.ts';

/** Scoring that takes no longer than this shows no progress, milliseconds. */
const PROGRESS_AFTER = 500;

export function scoreText(server: Server, params: ScoreTextParams): Promise<ScoreReport> {
  return withProgress(server, SCORE_TEXT, params, { title: 'PRM: scoring', showAfter: PROGRESS_AFTER });
}
