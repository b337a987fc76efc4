// The words for an evaluation of a model, apart from VS Code so that they can be tested.
import type { EvaluatedModel } from '../../protocol/src/requests.ts';

/** Worst steps in the document. */
const WORST_SHOWN = 10;

/** One sentence: `mini-1 on 52 steps: accuracy 91.2 % (always the more frequent label: 50.0 %), AUROC 0.97.` */
export function describeEvaluation({ model, metrics }: EvaluatedModel): string {
  const { steps, accuracy, majorityAccuracy, auroc } = metrics;
  const baseline = `always the more frequent label: ${percent(majorityAccuracy)}`;
  const ranking = auroc === null ? '' : `, AUROC ${auroc.toFixed(2)}`;
  return `${model} on ${steps.toLocaleString('en')} steps: accuracy ${percent(accuracy)} (${baseline})${ranking}.`;
}

/** All figures and the worst steps, as Markdown. */
export function evaluationDocument(evaluated: EvaluatedModel): string {
  const { model, modelFolder, data, threshold, traces, metrics, firstErrorF1, report } = evaluated;
  const figures: [string, string][] = [
    ['Solutions', traces.toLocaleString('en')],
    [
      'Labelled steps',
      `${metrics.steps.toLocaleString('en')}, ${metrics.incorrect.toLocaleString('en')} incorrect`,
    ],
    ['Accuracy', `${percent(metrics.accuracy)} at a threshold of ${threshold}`],
    ['Always the more frequent label', percent(metrics.majorityAccuracy)],
    ['Balanced accuracy', percent(metrics.balancedAccuracy)],
    ['F1 of incorrect steps', percent(metrics.f1Incorrect)],
    ['AUROC', metrics.auroc === null ? ONE_CLASS : metrics.auroc.toFixed(4)],
    ['Loss', `${metrics.loss.toFixed(4)} nats`],
    ['First error found (F1, as ProcessBench)', firstErrorF1 === null ? 'not known' : percent(firstErrorF1)],
  ];
  const worst = report.worst
    .slice(0, WORST_SHOWN)
    .map(({ problem, steps, label, score }, index) =>
      [
        `### ${index + 1}. ${label}, scored ${score.toFixed(3)}`,
        '',
        fenced([problem, ...steps.map((step, number) => `Step ${number + 1}: ${step}`)].join('\n')),
        '',
      ].join('\n'),
    );
  return [
    `# Evaluation of ${model}`,
    '',
    `- Model: \`${modelFolder}\``,
    `- Data: \`${data}\``,
    '',
    '| figure | value |',
    '| --- | --- |',
    ...figures.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '## Steps scored worst',
    '',
    ...worst,
  ].join('\n');
}

const ONE_CLASS = 'not defined: one class is absent';

function percent(rate: number | null): string {
  return rate === null ? ONE_CLASS : `${(100 * rate).toFixed(1)} %`;
}

/** Text of a dataset as it is: the fence is longer than any row of backticks in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
