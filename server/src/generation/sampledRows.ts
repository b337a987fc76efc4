// The rows of `samples.jsonl`: TRL's stepwise layout with steps that nobody has labelled, and what they hold, counted.
import { answerOf, sameAnswer } from './answers.ts';
import type { Problem } from './problems.ts';
import type { SamplerOutcome } from './sampling/sampler.ts';
import { solutionOf, stepsOf } from './sampling/solutionPrompt.ts';

export interface MissingSamples {
  /** `over-budget`: not asked for. `failed`: not to be had. `empty`: there is no step in it. */
  kind: 'over-budget' | 'failed' | 'empty';
  reason: string;
  samples: number;
  /** What the server said of the first of them, where it said more. */
  detail?: string;
}

export interface SampleCounts {
  /** Written. */
  samples: number;
  /** Samples whose answer is the reference answer, is another, or cannot be compared. */
  answers: { correct: number; incorrect: number; unknown: number };
  /** Problems with at least one right sample, of those with a reference answer. */
  solved: { problems: number; of: number };
  /** Samples that were cut at the token limit. */
  cut: number;
  /** Wished for, but not written, by reason. */
  missing: MissingSamples[];
}

/** Servers may put a number of the request into what they say; so many reasons are told apart. */
const MOST_REASONS = 20;
const OTHER_REASONS = 'other reasons';

export class SampledRows {
  readonly counts: SampleCounts = {
    samples: 0,
    answers: { correct: 0, incorrect: 0, unknown: 0 },
    solved: { problems: 0, of: 0 },
    cut: 0,
    missing: [],
  };

  /** @returns a line for each sample of one problem that has a step, in their order */
  linesOf(problem: Problem, outcomes: readonly SamplerOutcome[]): string[] {
    const lines: string[] = [];
    let isSolved = false;
    for (const outcome of outcomes) {
      if ('missing' in outcome) this.#missing(outcome.missing, outcome.reason, outcome.detail);
      else {
        const row = this.#row(problem, outcome);
        if (row === undefined) continue;
        lines.push(`${JSON.stringify(row)}\n`);
        isSolved ||= row.answer_correct === true;
      }
    }
    if (problem.answer !== undefined) this.counts.solved.of++;
    if (isSolved) this.counts.solved.problems++;
    return lines;
  }

  #row(
    { text: prompt, answer, dataset, row }: Problem,
    { sample, request }: Extract<SamplerOutcome, { sample: unknown }>,
  ) {
    const { counts } = this;
    const steps = stepsOf(sample.text);
    if (steps.length === 0) {
      const isThought = sample.reasoning !== undefined || sample.text.trim() !== '';
      this.#missing(
        'empty',
        isThought ? 'thoughts without an answer: see --max-tokens' : 'an answer without text',
      );
      return undefined;
    }
    const given = answerOf(solutionOf(sample.text), sample.finish);
    const isRight = answer === undefined || given === undefined ? undefined : sameAnswer(given, answer);
    counts.samples++;
    if (sample.finish === 'length') counts.cut++;
    counts.answers[isRight === undefined ? 'unknown' : isRight ? 'correct' : 'incorrect']++;
    return {
      prompt,
      completions: steps,
      labels: steps.map(() => null),
      answer: answer ?? null,
      sampled_answer: given ?? null,
      answer_correct: isRight ?? null,
      finish_reason: sample.finish,
      model: request.model,
      sample: request.sample,
      seed: request.seed,
      source: dataset,
      source_row: row,
    };
  }

  #missing(kind: MissingSamples['kind'], reason: string, detail?: string): void {
    const { missing } = this.counts;
    const named = missing.find((one) => one.reason === reason);
    if (named !== undefined) named.samples++;
    else if (missing.length < MOST_REASONS || reason === OTHER_REASONS)
      missing.push({ kind, reason, samples: 1, ...(detail === undefined ? {} : { detail }) });
    else this.#missing(kind, OTHER_REASONS);
  }
}
