// What `prm generate` and `prm label` print with `--json`, as the editor is told.
import { z } from 'zod';
import type { GeneratedData, GenerationCost, GenerationMethod } from '../../../protocol/src/generation.ts';

const natural = z.int().nonnegative();

/** Of rows that could not be used. */
const skipped = z.array(z.object({ reason: z.string(), count: natural }));
/** Of the requests to a model server; missing where nobody was asked. */
const counts = z.object({
  requests: natural,
  cached: natural,
  promptTokens: natural,
  completionTokens: natural,
});
const written = z.object({ file: z.string(), seconds: z.number(), skipped });

type Written = z.infer<typeof written>;

function resultOf(
  method: GenerationMethod,
  { file, seconds }: Written,
  more: Pick<GeneratedData, 'rows' | 'missing' | 'leftOut'> & { counts?: z.infer<typeof counts> | undefined },
): GeneratedData {
  const { requests = 0, cached = 0, promptTokens = 0, completionTokens = 0 } = more.counts ?? {};
  const { rows, missing, leftOut } = more;
  const tokens = promptTokens + completionTokens;
  return { method, file, rows, requests, cached, tokens, missing, leftOut, seconds };
}

const text = (reason: string, times: number): string => `${times.toLocaleString('en')} × ${reason}`;
const skippedTexts = (all: Written['skipped']): string[] =>
  all.map(({ reason, count }) => text(reason, count));

const corrupted = written
  .extend({ correct: natural, incorrect: natural, none: natural })
  .transform((summary) => {
    const { correct, incorrect, none } = summary;
    const without = none === 0 ? [] : [text('a solution without a place for an error', none)];
    return resultOf('corrupt', summary, {
      rows: correct + incorrect,
      missing: [],
      leftOut: [...skippedTexts(summary.skipped), ...without],
    });
  });

const sampled = written
  .extend({
    samples: natural,
    counts,
    missing: z.array(z.object({ reason: z.string(), samples: natural })),
  })
  .transform((summary) =>
    resultOf('sample', summary, {
      rows: summary.samples,
      counts: summary.counts,
      missing: summary.missing.map(({ reason, samples }) => text(reason, samples)),
      leftOut: skippedTexts(summary.skipped),
    }),
  );

const labelled = written
  .extend({
    labelled: natural,
    counts: counts.exactOptional(),
    without: z.array(z.object({ kind: z.string(), reason: z.string(), solutions: natural })),
  })
  .transform((summary) => {
    // What a method has to say about a solution is final; an answer that was not to be had today may be had another day.
    const texts = (mayCome: boolean): string[] =>
      summary.without
        .filter(({ kind }) => (kind !== 'left-out') === mayCome)
        .map(({ reason, solutions }) => text(reason, solutions));
    return resultOf('label', summary, {
      rows: summary.labelled,
      counts: summary.counts,
      missing: texts(true),
      leftOut: [...skippedTexts(summary.skipped), ...texts(false)],
    });
  });

/** Of the commands as they end; each has what the others have not. */
export const resultSchemas: Readonly<Record<GenerationMethod, z.ZodType<GeneratedData>>> = {
  corrupt: corrupted,
  sample: sampled,
  label: labelled,
};

const samplesCost = z
  .object({ samples: natural, cached: natural, completionTokens: natural })
  .transform(({ samples, cached, completionTokens }) => ({
    answers: samples - cached,
    cached,
    completionTokens,
  }));

const labelsCost = z
  .object({
    cost: z.object({ requests: natural, completionTokens: natural, cached: natural.default(0) }),
  })
  .transform(({ cost: { requests, completionTokens, cached } }) => {
    const answers = requests - cached;
    return {
      answers,
      cached,
      completionTokens: Math.round((completionTokens * answers) / Math.max(1, requests)),
    };
  });

/** Of their dry runs; putting errors into solutions costs nothing. */
export const costSchemas: Readonly<Record<'sample' | 'label', z.ZodType<GenerationCost>>> = {
  sample: samplesCost,
  label: labelsCost,
};
