// A model's README.md: the Hub's front matter, and what is known about the model. Facts only; nothing is made up.
import type { EvaluationMetrics } from '../../../protocol/src/runs.ts';
import { baseName } from './adapter/config.ts';
import type { ModelDescription } from './modelFiles.ts';
import type { BaseModel, PrmModel } from './prmModel.ts';

/** What a card says of a model; a whole model may have been trained from another one or merged with an adapter. */
export interface CardFacts {
  description: ModelDescription;
  kind: PrmModel['kind'];
  base: BaseModel | undefined;
  /** `owner/name` of the Hub's card fields: peft, transformers, onnx. */
  library: string;
  /** Sentences on how to load it. */
  use: string[];
}

const FAMILIES: Readonly<Record<string, string>> = {
  mini: 'the problem, `<|problem|>`, then each step with `<|step|>` behind it; every equation is followed by a token with the verdict of exact arithmetic',
  trl: 'the problem, then each step with the separator behind it, each tokenised on its own, as TRL does it',
};

/** The text of the `README.md` of a model that `prm train` wrote. */
export function modelCard(model: PrmModel): string {
  const isAdapter = model.kind === 'adapter';
  return cardText({
    description: model.description,
    kind: model.kind,
    base: isAdapter ? model.base : undefined,
    library: isAdapter ? 'peft' : 'transformers',
    use: [
      '`prm score --model FOLDER solution.txt` scores the steps of a solution.',
      isAdapter
        ? 'PEFT loads it over its base model with `AutoPeftModelForTokenClassification.from_pretrained`.'
        : 'transformers loads it with `AutoModelForTokenClassification.from_pretrained`.',
      '`prm export-model` writes it as a merged folder for transformers, or as ONNX.',
    ],
  });
}

/** Front matter and text of a card. */
export function cardText({ description, kind, base, library, use }: CardFacts): string {
  const { name, family, stepSeparator, threshold, training, metrics } = description;
  const input = FAMILIES[family];
  const lines = [
    ...frontMatter({ description, kind, base, library }),
    `# ${oneLine(name)}`,
    '',
    'A process reward model: it gives each step of a solution the probability that the step is correct.',
    '',
    ...(base === undefined ? [] : [`Base model: ${code(base.name)}.`, '']),
    '## Input and score',
    '',
    `- Family ${code(family)}${input === undefined ? '' : `: ${input}`}.`,
    `- Separator of steps: ${code(JSON.stringify(stepSeparator))}. The score of a step is read at the last token of the separator behind it.`,
    '- Two logits at every position, 0 = incorrect and 1 = correct; the score is the softmax of class 1.',
    `- Below ${threshold} a step counts as incorrect.`,
    '',
    '## Use',
    '',
    ...use.map((sentence) => `- ${sentence}`),
    '',
    ...section(
      'Training',
      Object.entries(training).map(([key, value]) => [key, shown(value)]),
    ),
    ...(metrics === null ? [] : section('Metrics on held-out problems', metricRows(metrics))),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function frontMatter({
  description: { training, metrics },
  kind,
  base,
  library,
}: Omit<CardFacts, 'use'>): string[] {
  const datasets = [training.dataset].flat().filter((one) => typeof one === 'string' && isHubId(one));
  const list = (key: string, values: readonly unknown[]) =>
    values.length === 0 ? [] : [`${key}:`, ...values.map((value) => `  - ${JSON.stringify(value)}`)];
  return [
    '---',
    // The Hub takes ids here, and refuses cards with anything else.
    ...(base === undefined || !isHubId(baseName(base))
      ? []
      : [
          `base_model: ${JSON.stringify(baseName(base))}`,
          `base_model_relation: ${kind === 'adapter' ? 'adapter' : 'finetune'}`,
        ]),
    `library_name: ${library}`,
    'pipeline_tag: token-classification',
    ...list('tags', ['process-reward-model', 'prm', ...(kind === 'adapter' ? ['lora'] : [])]),
    ...list('datasets', datasets),
    ...list('metrics', metrics === null ? [] : ['accuracy', 'f1', 'roc_auc']),
    '---',
    '',
  ];
}

/** `owner/name`, with a revision or a configuration behind it or not; not a path. */
function isHubId(text: string): boolean {
  return /^[A-Za-z0-9][\w.-]*\/[\w.-]+$/.test(text) && !/\.(?:jsonl?|parquet|gz)$/.test(text);
}

function section(title: string, rows: (readonly [string, string])[]): string[] {
  if (rows.length === 0) return [];
  return [
    `## ${title}`,
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([key, text]) => `| ${key} | ${text} |`),
    '',
  ];
}

function metricRows(metrics: EvaluationMetrics): (readonly [string, string])[] {
  const share = (value: number | null) =>
    value === null ? 'not defined: one class is absent' : value.toFixed(4);
  return [
    ['labelled steps', `${metrics.steps}, of them incorrect: ${metrics.incorrect}`],
    ['accuracy', share(metrics.accuracy)],
    ['accuracy of always answering the more frequent class', share(metrics.majorityAccuracy)],
    ['balanced accuracy', share(metrics.balancedAccuracy)],
    ['F1 of incorrect steps', share(metrics.f1Incorrect)],
    ['AUROC', share(metrics.auroc)],
    ['loss (cross-entropy, nats)', metrics.loss.toFixed(4)],
  ];
}

/** For a table's cell. */
function shown(value: ModelDescription['training'][string]): string {
  if (value === null) return 'none';
  return code([value].flat().join(', ')).replaceAll('|', '\\|');
}

function code(text: string): string {
  return `\`${oneLine(text).replaceAll('`', "'")}\``;
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
