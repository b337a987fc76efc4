// What `PRM: Generate Training Data…` asks, one question each; servers and models are in serverQuestions.ts.
import {
  ASKING_LABEL_METHODS,
  DEFAULT_COUNTS,
  type GenerateDataParams,
  type GenerationCost,
  type GenerationMethod,
} from '../../../protocol/src/generation.ts';
import { describeCost } from '../generationText.ts';
import { without } from '../without.ts';
import { notEmpty, positiveInteger } from './checks.ts';
import { BACK, type Asker, type Option, type Question, type Reply } from './questions.ts';
import { askModelName, askServer, type ServerWorld } from './serverQuestions.ts';

/** What was answered so far. */
export type Answers = Partial<Omit<GenerateDataParams, 'workDoneToken'>>;

/** What the questions need of the window around them. */
export interface GenerateWorld extends ServerWorld {
  /** Dataset files, the likeliest first. */
  datasets(): Promise<Option<string>[]>;
  /** A file that the person looks for; undefined where none was chosen. */
  browse(): Promise<string | undefined>;
  /** An output folder that nothing is in, for what is made of a dataset. */
  freeFolder(answers: Answers): Promise<string>;
  /** Complains about an output folder. */
  checkFolder(folder: string): string | undefined;
  estimate(answers: Answers, signal: AbortSignal): Promise<GenerationCost>;
}

type Method = Pick<GenerateDataParams, 'method' | 'by'>;

const METHODS: readonly Option<Method>[] = [
  {
    label: 'Put errors into correct solutions',
    description: 'needs no model',
    detail: 'One error a path, labelled up to it. Takes seconds.',
    value: { method: 'corrupt' },
    group: 'Make solutions',
  },
  {
    label: 'Ask a model server for solutions',
    description: 'vLLM, llama.cpp, Ollama, others',
    detail: 'Several for each problem; their answers are compared with the reference answer.',
    value: { method: 'sample' },
  },
  {
    label: 'Label by outcome',
    description: 'needs no model',
    detail: 'Right answer: all steps correct; wrong one: the last is not.',
    value: { method: 'label', by: 'outcome' },
    group: 'Label the steps of solutions',
  },
  {
    label: 'Label by arithmetic',
    description: 'needs no model',
    detail: 'A step whose equation fails is incorrect; those before it are correct where theirs hold.',
    value: { method: 'label', by: 'arithmetic' },
  },
  {
    label: 'Label by roll-outs',
    description: 'asks a model server',
    detail: 'A step is correct if a continuation from it reaches the reference answer.',
    value: { method: 'label', by: 'rollouts' },
  },
  {
    label: 'Label by a judge',
    description: 'asks a model server',
    detail: 'A model names the first wrong step, by majority of its votes.',
    value: { method: 'label', by: 'judge' },
  },
  {
    label: 'Label by agreement',
    description: 'asks a model server',
    detail: 'Roll-outs and judge agree on the first wrong step; other solutions are left out.',
    value: { method: 'label', by: 'consensus' },
  },
];

/** The number that a method asks for; undefined where it asks for none. */
function countQuestion({ method, by }: Answers): { prompt: string; usual: number } | undefined {
  if (method === 'corrupt') {
    return { prompt: 'Paths with an error to make of each solution', usual: DEFAULT_COUNTS.corrupt };
  }
  if (method === 'sample') {
    return { prompt: 'Solutions to ask for, for each problem', usual: DEFAULT_COUNTS.sample };
  }
  if (by === 'rollouts' || by === 'consensus') {
    return { prompt: 'Continuations to try from a step', usual: DEFAULT_COUNTS.rollouts };
  }
  if (by === 'judge')
    return { prompt: 'How often to ask the judge about a solution', usual: DEFAULT_COUNTS.votes };
  return undefined;
}

const LIMIT_PROMPTS = {
  corrupt: 'Paths to write at most, correct ones included',
  sample: 'Problems to take at most, from the first on',
  label: 'Solutions to label at most, from the first on',
} as const;

/** Whether a model is asked, which costs; undefined before the method is chosen. */
export function asksModel({ method, by }: Answers): boolean | undefined {
  if (method === undefined) return undefined;
  return method === 'sample' || (by !== undefined && ASKING_LABEL_METHODS.includes(by));
}

/**
 * In the order in which they are asked; the first is the dataset.
 * @param only the methods to choose among; all where missing
 */
export function generateQuestions(world: GenerateWorld, only?: GenerationMethod): Question<Answers>[] {
  const methods = METHODS.filter(({ value }) => only === undefined || value.method === only);
  return [
    { applies: () => true, ask: (answers, asker) => askDataset(answers, asker, world) },
    { applies: () => true, ask: (answers, asker) => askMethod(answers, asker, methods) },
    { applies: asksModel, ask: (answers, asker) => askWhere(answers, asker, world) },
    { applies: asksModel, ask: (answers, asker) => askWhom(answers, asker, world) },
    {
      applies: (answers) => (answers.method === undefined ? undefined : countQuestion(answers) !== undefined),
      ask: askCount,
    },
    { applies: () => true, ask: askLimit },
    { applies: () => true, ask: (answers, asker) => askFolder(answers, asker, world) },
    { applies: asksModel, ask: (answers, asker) => confirm(answers, asker, world) },
  ];
}

async function askDataset(answers: Answers, asker: Asker, world: GenerateWorld): Promise<Reply<Answers>> {
  const found = await world.datasets();
  for (;;) {
    const reply = await asker.choose<string | (() => Promise<Reply<string>>)>(
      'What to make data of: problems or solutions, in any layout',
      [
        ...found,
        { label: '$(folder-opened) Browse…', value: () => browsed(world) },
        {
          label: '$(cloud-download) A dataset of the Hugging Face Hub…',
          value: () => askHubId(asker.deeper),
        },
      ],
    );
    if (reply === undefined || reply === BACK) return reply;
    const dataset = typeof reply.value === 'string' ? { value: reply.value } : await reply.value();
    if (dataset === undefined) return undefined;
    // Back from the question behind this one, to this one.
    if (dataset !== BACK) return { value: { ...answers, dataset: dataset.value } };
  }
}

/** A dialog that is closed leads back to the list. */
async function browsed(world: GenerateWorld): Promise<Reply<string>> {
  const file = await world.browse();
  return file === undefined ? BACK : { value: file };
}

function askHubId(asker: Asker): Promise<Reply<string>> {
  return asker.ask({
    prompt:
      'Dataset of the Hugging Face Hub: owner/name, with @revision and :config/split behind it where they matter',
    placeHolder: 'openai/gsm8k:main/train',
    check: (typed) =>
      /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*(@[^\s:]+)?(:\S+)?$/.test(typed)
        ? undefined
        : 'An id such as owner/name is needed.',
  });
}

async function askMethod(
  answers: Answers,
  asker: Asker,
  methods: readonly Option<Method>[],
): Promise<Reply<Answers>> {
  const reply = await asker.choose('How to make it', methods);
  if (reply === undefined || reply === BACK) return reply;
  const isSame = answers.method === reply.value.method && answers.by === reply.value.by;
  // What was said about another method says nothing about this one.
  const kept = isSame ? answers : without(answers, 'by', 'count', 'limit', 'outputDir');
  return { value: { ...kept, ...reply.value } };
}

async function askWhere(answers: Answers, asker: Asker, world: GenerateWorld): Promise<Reply<Answers>> {
  const reply = await askServer(answers, asker, world);
  if (reply === undefined || reply === BACK) return reply;
  // Another server has other models.
  const kept = answers.server === reply.value ? answers : without(answers, 'model');
  return { value: { ...kept, server: reply.value } };
}

async function askWhom(answers: Answers, asker: Asker, world: GenerateWorld): Promise<Reply<Answers>> {
  const reply = await askModelName(answers, asker, world);
  return reply === undefined || reply === BACK ? reply : { value: { ...answers, model: reply.value } };
}

async function askCount(answers: Answers, asker: Asker): Promise<Reply<Answers>> {
  const { prompt, usual } = countQuestion(answers) ?? { prompt: '', usual: 1 };
  const reply = await asker.ask({ prompt, value: String(answers.count ?? usual), check: positiveInteger });
  return reply === undefined || reply === BACK
    ? reply
    : { value: { ...answers, count: Number(reply.value) } };
}

async function askLimit(answers: Answers, asker: Asker): Promise<Reply<Answers>> {
  const reply = await asker.ask({
    prompt: `${LIMIT_PROMPTS[answers.method ?? 'corrupt']}; empty: all`,
    value: answers.limit === undefined ? '' : String(answers.limit),
    placeHolder: 'all',
    check: (typed) => (typed === '' ? undefined : positiveInteger(typed)),
  });
  if (reply === undefined || reply === BACK) return reply;
  const all = without(answers, 'limit');
  return { value: reply.value === '' ? all : { ...all, limit: Number(reply.value) } };
}

async function askFolder(answers: Answers, asker: Asker, world: GenerateWorld): Promise<Reply<Answers>> {
  const reply = await asker.ask({
    prompt: 'Output folder; relative to the workspace folder, or absolute',
    value: answers.outputDir ?? (await world.freeFolder(answers)),
    check: (folder) => notEmpty(folder) ?? world.checkFolder(folder),
  });
  return reply === undefined || reply === BACK ? reply : { value: { ...answers, outputDir: reply.value } };
}

/** What it may cost, before anything is paid for. */
async function confirm(answers: Answers, asker: Asker, world: GenerateWorld): Promise<Reply<Answers>> {
  const unlimited = without(answers, 'budgetTokens');
  const estimated = await asker.wait('$(loading~spin) Counting what it may cost…', (signal) =>
    world.estimate(unlimited, signal),
  );
  if (estimated === undefined || estimated === BACK) return estimated;
  const cost = describeCost(estimated.value);
  for (;;) {
    const reply = await asker.choose<'start' | 'limit'>(cost, [
      {
        label: '$(play) Start',
        description: cost,
        detail: 'Answers are kept as they come: stopping loses none.',
        value: 'start',
      },
      {
        label: '$(dashboard) Start with a limit of tokens…',
        detail: 'What was made until then is written; going on later pays for the rest.',
        value: 'limit',
      },
    ]);
    if (reply === undefined || reply === BACK) return reply;
    if (reply.value === 'start') return { value: unlimited };
    const limit = await asker.deeper.ask({
      prompt: 'Most tokens to pay for, read and written together',
      value: answers.budgetTokens === undefined ? '' : String(answers.budgetTokens),
      placeHolder: '100000',
      check: positiveInteger,
    });
    if (limit === undefined) return undefined;
    if (limit !== BACK) return { value: { ...unlimited, budgetTokens: Number(limit.value) } };
  }
}
