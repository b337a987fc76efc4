// What PRM: Generate Training Data… asks, and where its way back leads, without VS Code.
import { beforeEach, describe, expect, it } from 'vitest';
import {
  asksModel,
  generateQuestions,
  type Answers,
  type GenerateWorld,
} from '../../../client/src/commands/generateQuestions.ts';
import {
  askInTurn,
  BACK,
  type Asker,
  type Place,
  type Reply,
} from '../../../client/src/commands/questions.ts';
import { checkAddress } from '../../../client/src/commands/serverQuestions.ts';
import {
  ASKING_LABEL_METHODS,
  DEFAULT_COUNTS,
  LABEL_METHOD_NAMES,
  type GenerationMethod,
} from '../../../protocol/src/generation.ts';
import { corruptDefaults } from '../../../server/src/generation/corruptOptions.ts';
import { labelDefaults } from '../../../server/src/generation/labelOptions.ts';
import { LABEL_METHODS } from '../../../server/src/generation/labelling/index.ts';
import { sampleDefaults } from '../../../server/src/generation/sampling/sampleOptions.ts';

/** Chooses the option that begins so, types a text, goes back, or gives up. */
type Move = { choose: string } | { type: string } | 'back' | 'escape';

const choose = (label: string): Move => ({ choose: label });
const type = (text: string): Move => ({ type: text });
/** Takes what is offered. */
const enter = type('');

/** A person who answers by a list, and what they saw. */
class Person {
  readonly seen: string[] = [];
  readonly places: Place[] = [];
  readonly #moves: Move[];

  constructor(moves: readonly Move[]) {
    this.#moves = [...moves];
  }

  askerAt = (place: Place): Asker => {
    this.places.push(place);
    const asker: Asker = {
      choose: (placeHolder, options) => {
        this.seen.push(placeHolder, ...options.map(({ label }) => label));
        return this.#reply((move) => {
          const label = 'choose' in move ? move.choose : '';
          const option = options.find((one) => one.label.replace(/^\$\([\w-]+\) /, '').startsWith(label));
          return (
            option?.value ?? (option === undefined ? expect.fail(`${label} is not offered`) : option.value)
          );
        });
      },
      ask: ({ prompt, value = '', check }) => {
        this.seen.push(prompt);
        return this.#reply((move) => {
          const typed = 'type' in move && move.type !== '' ? move.type : value;
          expect(check?.(typed)).toBeUndefined();
          return typed;
        });
      },
      wait: async (message, work) => {
        this.seen.push(message);
        return { value: await work(new AbortController().signal) };
      },
      get deeper() {
        return asker;
      },
    };
    return asker;
  };

  #reply<Value>(answer: (move: Exclude<Move, string>) => Value): Promise<Reply<Value>> {
    const move = this.#moves.shift() ?? expect.fail(`nobody answers ${this.seen.at(-1)}`);
    if (move === 'back') return Promise.resolve(BACK);
    if (move === 'escape') return Promise.resolve(undefined);
    return Promise.resolve({ value: answer(move) });
  }
}

let world: GenerateWorld;
let keys: Map<string, string>;
let models: () => Promise<string[]>;

beforeEach(() => {
  keys = new Map();
  models = () => Promise.resolve(['large', 'small']);
  world = {
    datasets: () => Promise.resolve([{ label: 'gsm8k.jsonl', value: '/w/gsm8k.jsonl' }]),
    browse: () => Promise.resolve(undefined),
    freeFolder: ({ method }) => Promise.resolve(`.prm/data/gsm8k-${method}-1`),
    checkFolder: () => undefined,
    estimate: () => Promise.resolve({ answers: 40, cached: 2, completionTokens: 4000 }),
    recentServers: () => ['http://10.0.0.1/v1'],
    models: () => models(),
    failureOf: (error) => ({
      what: (error as Error).message,
      wantsKey: (error as Error).message === 'no key',
    }),
    keepKey: (server, key) => Promise.resolve(void keys.set(server, key)),
  };
});

async function answersOf(
  moves: readonly Move[],
  start: Answers = {},
  only?: GenerationMethod,
): Promise<{ answers: Answers | undefined; person: Person }> {
  const person = new Person(moves);
  const known = start.dataset === undefined ? 0 : 1;
  return { answers: await askInTurn(generateQuestions(world, only), start, person.askerAt, known), person };
}

describe('errors put into solutions', () => {
  it('need five answers, of which most are offered', async () => {
    const { answers, person } = await answersOf([choose('gsm8k'), choose('Put errors'), enter, enter, enter]);
    expect(answers).toEqual({
      dataset: '/w/gsm8k.jsonl',
      method: 'corrupt',
      count: 3,
      outputDir: '.prm/data/gsm8k-corrupt-1',
    });
    expect(person.places.map(({ step, of }) => [step, of])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 5],
      [4, 5],
      [5, 5],
    ]);
    expect(person.places.map(({ canGoBack }) => canGoBack)).toEqual([false, true, true, true, true]);
  });

  it('begin behind the dataset that a menu was opened on, with a way back to it', async () => {
    const dataset = '/w/clicked.jsonl';
    const { answers, person } = await answersOf([choose('Put'), type('2'), type('50'), enter], { dataset });
    expect(answers).toMatchObject({ dataset, count: 2, limit: 50 });
    expect(person.places[0]).toEqual({ step: 2, of: undefined, canGoBack: true });
    const back = await answersOf(['back', choose('gsm8k'), choose('Put'), enter, enter, enter], { dataset });
    expect(back.answers?.dataset).toBe('/w/gsm8k.jsonl');
  });
});

it('solutions that are to be labelled are asked for a way of labelling only', async () => {
  const moves = [choose('Label by outcome'), enter, enter];
  const { answers, person } = await answersOf(moves, { dataset: '/w/samples.jsonl' }, 'label');
  expect(answers).toMatchObject({ method: 'label', by: 'outcome' });
  const offered = person.seen.filter((seen) => /^(Label|Put|Ask)/.test(seen));
  expect(offered).toHaveLength(LABEL_METHOD_NAMES.length);
  expect(offered.every((label) => label.startsWith('Label by '))).toBe(true);
});

describe('the way back', () => {
  it('leads to the question before, keeps what was said, and forgets what another method made of it', async () => {
    const { answers } = await answersOf([
      choose('gsm8k'),
      choose('Put'),
      type('7'),
      'back',
      // 7 is offered again.
      enter,
      'back',
      'back',
      choose('Label by arithmetic'),
      enter,
      enter,
    ]);
    expect(answers).toEqual({
      dataset: '/w/gsm8k.jsonl',
      method: 'label',
      by: 'arithmetic',
      outputDir: '.prm/data/gsm8k-label-1',
    });
  });

  it('leads out of a dialog and of a deeper question to the list', async () => {
    const { answers } = await answersOf([
      choose('Browse'),
      choose('A dataset of the Hugging Face Hub'),
      'back',
      choose('A dataset of the Hugging Face Hub'),
      type('openai/gsm8k:main/train'),
      'escape',
    ]);
    expect(answers).toBeUndefined();
  });
});

describe('a model server', () => {
  const until = [choose('gsm8k'), choose('Ask a model server')];
  const rest = [enter, type('10'), enter, choose('Start')];

  it('is one that was asked before, one of this machine, or another', async () => {
    const { answers, person } = await answersOf([...until, choose('llama.cpp'), choose('small'), ...rest]);
    expect(answers).toEqual({
      dataset: '/w/gsm8k.jsonl',
      method: 'sample',
      server: 'http://127.0.0.1:8080/v1',
      model: 'small',
      count: 4,
      limit: 10,
      outputDir: '.prm/data/gsm8k-sample-1',
    });
    expect(person.seen).toEqual(expect.arrayContaining(['http://10.0.0.1/v1', 'vLLM', 'Ollama']));
    expect(person.seen).toContain(
      'At most 40 answers to pay for, of 4,000 tokens together; 2 answers more in the cache',
    );
    expect(person.places.at(-1)).toMatchObject({ step: 8, of: 8 });
    const typed = [choose('Another address'), type('https://api.example/v1'), choose('large')];
    expect((await answersOf([...until, ...typed, ...rest])).answers).toMatchObject({
      server: 'https://api.example/v1',
      model: 'large',
    });
  });

  it('is asked for a key only where it wants one, and again where that is wrong; no answer holds it', async () => {
    let asked = 0;
    models = () => (++asked < 3 ? Promise.reject(new Error('no key')) : Promise.resolve(['small']));
    const moves = [...until, choose('vLLM'), type('wrong'), type('right'), choose('small'), ...rest];
    const { answers } = await answersOf(moves);
    expect(keys).toEqual(new Map([['http://127.0.0.1:8000/v1', 'right']]));
    expect(JSON.stringify(answers)).not.toContain('right');
  });

  it('that has no list, or is not there yet, is asked for a model by name', async () => {
    models = () => Promise.resolve([]);
    const name = type('some/model');
    expect((await answersOf([...until, choose('vLLM'), name, ...rest])).answers?.model).toBe('some/model');
    models = () => Promise.reject(new Error('nobody there'));
    const again = [choose('vLLM'), choose('Try again'), choose('Type the name'), name];
    const { answers, person } = await answersOf([...until, ...again, ...rest]);
    expect(answers?.model).toBe('some/model');
    expect(person.seen).toContain('http://127.0.0.1:8000/v1: nobody there');
  });

  it('may be given a limit of tokens', async () => {
    const limited = [enter, enter, enter, choose('Start with a limit'), type('5000')];
    const { answers } = await answersOf([...until, choose('vLLM'), choose('small'), ...limited]);
    expect(answers?.budgetTokens).toBe(5000);
  });

  it('is given up at any question', async () => {
    for (const moves of [[], until, [...until, choose('vLLM')]]) {
      expect((await answersOf([...moves, 'escape'])).answers).toBeUndefined();
    }
  });

  it.each(['', 'nowhere', 'ftp://host/v1', 'http://me:secret@host/v1', 'http://host/v1?key=1'])(
    'does not stand at %j',
    (address) => {
      expect(checkAddress(address)).toBeDefined();
    },
  );
});

it('offers what the commands take by themselves, and knows who asks a model', () => {
  expect(DEFAULT_COUNTS).toEqual({
    corrupt: corruptDefaults.numIncorrectPerProblem,
    sample: sampleDefaults.numSamplesPerProblem,
    rollouts: labelDefaults.rollouts,
    votes: labelDefaults.votes,
  });
  expect(ASKING_LABEL_METHODS).toEqual(LABEL_METHOD_NAMES.filter((by) => LABEL_METHODS[by].needsServer));
  expect(
    [{}, { method: 'corrupt' }, { method: 'sample' }, { method: 'label', by: 'judge' }].map((answers) =>
      asksModel(answers as Answers),
    ),
  ).toEqual([undefined, false, true, true]);
});
