// `prm/scoreText` and `prm/clearScores`: a stretch of a document is read as reasoning, scored, and kept with its text.
import { z } from 'zod';
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CLEAR_SCORES,
  SCORE_TEXT,
  type ClearScoresParams,
  type ScoreReport,
  type ScoreTextParams,
  type ScoredStep,
} from '../../../protocol/src/requests.ts';
import type { Settings } from '../../../protocol/src/settings.ts';
import { aggregateScores, firstDoubtfulStep } from '../scoring/aggregate.ts';
import type { ModelScores } from '../scoring/engineClient.ts';
import type { ReasoningText } from '../scoring/reasoningText.ts';
import { CancelledError, PrmError } from '../support/errors.ts';
import { requireTrust } from './failures.ts';
import type { ModelHost } from './modelHost.ts';
import { readReasoning } from './reading.ts';
import type { Region } from './region.ts';
import type { ScoreBook } from './scoreBook.ts';
import type { Workplace } from './workplace.ts';

/** More text than any model here reads; a selection beyond it was hardly meant. UTF-16 units. */
const MOST_CHARACTERS = 200_000;

const position = z.object({ line: z.int().nonnegative(), character: z.int().nonnegative() });
const scoreParams: z.ZodType<ScoreTextParams> = z.object({
  uri: z.string(),
  range: z.object({ start: position, end: position }).exactOptional(),
  workDoneToken: z.union([z.string(), z.number()]).exactOptional(),
});
const clearParams: z.ZodType<ClearScoresParams> = z.object({ uri: z.string().exactOptional() });

export function serveScoring(workplace: Workplace, book: ScoreBook, host: ModelHost): void {
  /** One scoring a document: a new one takes the place of the one before. */
  const underWay = new Map<string, AbortController>();

  workplace.onRequest(SCORE_TEXT, scoreParams, async (params, signal) => {
    requireTrust(workplace.trusted, 'Scoring');
    underWay.get(params.uri)?.abort();
    const superseded = new AbortController();
    underWay.set(params.uri, superseded);
    try {
      return await scoreText(params, AbortSignal.any([signal, superseded.signal]));
    } finally {
      if (underWay.get(params.uri) === superseded) underWay.delete(params.uri);
    }
  });

  workplace.onRequest(CLEAR_SCORES, clearParams, ({ uri }) => {
    for (const [scoring, controller] of underWay) {
      if (uri === undefined || uri === scoring) controller.abort();
    }
    const cleared = book.clear(uri);
    workplace.refreshHints();
    return Promise.resolve({ cleared });
  });

  workplace.onEdit((uri, edit, text) => book.edited(uri, edit, text));
  workplace.documents.onDidClose(({ document }) => {
    underWay.get(document.uri)?.abort();
    book.clear(document.uri);
  });

  async function scoreText(params: ScoreTextParams, signal: AbortSignal): Promise<ScoreReport> {
    const { uri, range } = params;
    const open = workplace.documents.get(uri);
    if (open === undefined) {
      throw new PrmError({ where: uri, what: 'This document is not open', remedy: 'Open it and try again.' });
    }
    const text = open.getText();
    // The open document changes in place while the engine works; the report speaks of the text that was scored.
    const document = TextDocument.create(uri, open.languageId, open.version, text);
    const region =
      range === undefined
        ? { start: 0, end: text.length }
        : { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
    const reading = readRegion(document, region, range === undefined);
    const problem = reading.problem?.text ?? '';
    const steps = reading.steps.map((step) => step.text);

    const entry = book.open(uri, region, range === undefined, text);
    const progress = reporter(params);
    try {
      const scores = await host.score({ problem, steps }, signal);
      if (signal.aborted) throw new CancelledError();
      book.fill(uri, entry, {
        languageId: document.languageId,
        source: text.slice(region.start, region.end),
        problem,
        steps,
        scores: scores.result.scores,
        model: scores.model,
        milliseconds: scores.result.milliseconds,
      });
      workplace.refreshHints();
      return report({ uri, document, region, reading }, scores, workplace.settings);
    } finally {
      if (entry.scored === undefined) book.drop(uri, entry);
      progress.done();
    }
  }

  function reporter({ workDoneToken }: ScoreTextParams): { done: () => void } {
    if (workDoneToken === undefined) return { done: () => undefined };
    const progress = workplace.connection.window.attachWorkDoneProgress(workDoneToken);
    progress.begin('Scoring', undefined, undefined, true);
    return progress;
  }
}

function readRegion(document: TextDocument, { start, end }: Region, isWhole: boolean): ReasoningText {
  const what = isWhole ? 'document' : 'selection';
  if (end - start > MOST_CHARACTERS) {
    throw new PrmError({
      what: `The ${what} has ${(end - start).toLocaleString('en')} characters, more than the ${MOST_CHARACTERS.toLocaleString('en')} that can be scored at once`,
      remedy: 'Select one problem with its steps.',
    });
  }
  const reading = readReasoning(document.getText().slice(start, end), document.languageId);
  if (reading.steps.length === 0) {
    throw new PrmError({
      what: `The ${what} holds no reasoning steps`,
      remedy:
        'Select a problem and, below it, its steps (one a line, numbered, or set apart by blank lines), or one JSON row of a dataset.',
    });
  }
  return reading;
}

interface Scored {
  uri: string;
  /** As it was when the scoring began. */
  document: TextDocument;
  region: Region;
  reading: ReasoningText;
}

function report(
  { uri, document, region, reading }: Scored,
  { result, model }: ModelScores,
  settings: Settings,
): ScoreReport {
  const threshold = settings['score.threshold'] ?? model.threshold;
  const aggregate = settings['score.aggregate'];
  const steps = reading.steps.flatMap((step, index): ScoredStep[] => {
    const score = result.scores[index];
    if (score === undefined) return [];
    const range = {
      start: document.positionAt(region.start + step.start),
      end: document.positionAt(region.start + step.end),
    };
    return [
      {
        number: index + 1,
        text: step.text,
        range,
        score,
        label: score < threshold ? 'incorrect' : 'correct',
      },
    ];
  });
  const doubtful = firstDoubtfulStep(result.scores, threshold);
  return {
    uri,
    problem: reading.problem?.text ?? '',
    steps,
    firstDoubtful: doubtful === null ? null : doubtful + 1,
    threshold,
    aggregate,
    aggregateScore: aggregateScores(result.scores, aggregate) ?? 1,
    model: model.name,
    modelFolder: model.modelFolder,
    device: model.device,
    milliseconds: result.milliseconds,
  };
}
