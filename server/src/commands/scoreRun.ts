// What `prm score` does: text in, scores from the engine process, table or JSON out.
import { aggregateScores, firstDoubtfulStep } from '../scoring/aggregate.ts';
import { EngineClient } from '../scoring/engineClient.ts';
import { engineFile } from '../scoring/engineFile.ts';
import { parseReasoning, parseSteps, type ReasoningText } from '../scoring/reasoningText.ts';
import { PrmError } from '../support/errors.ts';
import type { CommandContext } from './command.ts';
import { readReasoningInput } from './reasoningInput.ts';
import type { ScoreOptions } from './score.ts';
import { scoreJson, scoreTable, type ScoredText } from './scoreScreen.ts';

/**
 * Scores a text and prints the scores.
 * @param file a path; `-` or undefined: standard input
 * @throws PrmError where the text, the model or the engine fails
 */
export async function score(
  file: string | undefined,
  options: ScoreOptions,
  context: CommandContext,
): Promise<void> {
  const { text, source } = await readReasoningInput(file, context);
  const reasoning = source.endsWith('.steps') ? parseSteps(text) : parseReasoning(text);
  if (reasoning.steps.length === 0) {
    throw new PrmError({
      where: source,
      what: 'There are no steps in the text',
      remedy: 'Write the problem, an empty line, then one step a line, or number the steps: "Step 1: …".',
    });
  }
  if (reasoning.problem === undefined) {
    context.stderr.write(
      'prm: no problem was found before the first step; the steps are scored without one.\n',
    );
  }
  const scored = await scoreReasoning(reasoning, options, context);
  const columns = 'columns' in context.stdout ? Number(context.stdout.columns) : Infinity;
  context.stdout.write(
    options.json === true ? scoreJson(scored) : scoreTable(scored, { colour: context.colour, columns }),
  );
}

async function scoreReasoning(
  reasoning: ReasoningText,
  options: ScoreOptions,
  { signal, stderr, environment }: CommandContext,
): Promise<ScoredText> {
  const client = new EngineClient({
    engineFile: engineFile(),
    environment,
    log: (line) => {
      if (environment.PRM_DEBUG === '1') stderr.write(`engine: ${line}\n`);
    },
  });
  try {
    const problem = reasoning.problem?.text ?? '';
    const steps = reasoning.steps.map((step) => step.text);
    const choice = { modelFolder: options.model, device: options.device };
    const { model, result } = await client.score(choice, { problem, steps }, signal);
    const { scores, milliseconds } = result;
    const threshold = options.threshold ?? model.threshold;
    return {
      model,
      threshold,
      aggregate: options.aggregate,
      score: aggregateScores(scores, options.aggregate),
      firstDoubtfulStep: firstDoubtfulStep(scores, threshold),
      milliseconds,
      problem,
      steps: reasoning.steps.map((step, index) => ({ ...step, score: scores[index] ?? NaN })),
    };
  } finally {
    await client.dispose();
  }
}
