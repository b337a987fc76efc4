// Problems of which everything is known, and a model that continues and judges their solutions, with slips: for tests of labelling.
import { hash } from 'node:crypto';

/** "Start with 3. Add 4, 5.", solved by "3 + 4 = 7", "7 + 5 = 12", "#### 12". */
export interface Chain {
  problem: string;
  steps: string[];
  answer: string;
  firstWrong: number | undefined;
}

/**
 * @param numbers at least two
 * @param wrong the step that is off by one, and taken on as it is; the last one only states another answer
 */
export function chainOf(numbers: readonly number[], wrong?: number): Chain {
  const [start = 0, ...added] = numbers;
  let value = start;
  const steps = added.map((number, step) => {
    const sum = value + number + (step === wrong ? 1 : 0);
    const text = `${value} + ${number} = ${sum}`;
    value = sum;
    return text;
  });
  const answer = numbers.reduce((sum, number) => sum + number, 0);
  steps.push(`#### ${value + (wrong === added.length ? 1 : 0)}`);
  return {
    problem: `Start with ${start}. Add ${added.join(', ')}.`,
    steps,
    answer: String(answer),
    firstWrong: wrong,
  };
}

export interface ChainModel {
  /** Share of continuations that go wrong by themselves. */
  slips: number;
  /** Share of verdicts that name another step. */
  misjudges: number;
}

/** What the model says to the messages of labelling. */
export function chainText(
  messages: readonly { content: string }[],
  seed: number,
  { slips, misjudges }: ChainModel,
): string {
  const [system = '', user = ''] = messages.map(({ content }) => content);
  const [start = 0, ...added] = numbersIn(/Start with .*/.exec(user)?.[0] ?? '');
  const chance = hash('sha256', `${seed}\n${user}`, 'buffer').readUInt32BE() / 2 ** 32;
  if (system.includes('\\boxed{-1}')) return verdictOn(user, start, added, chance < misjudges);
  const sofar = [...user.matchAll(/^\d+ \+ \d+ = (\d+)$/gm)];
  // It takes what it is given: an error before is an error of the answer.
  const given = Number(sofar.at(-1)?.[1] ?? start);
  const rest = added.slice(sofar.length).reduce((sum, number) => sum + number, 0);
  return `I add the rest.\n#### ${given + rest + (chance < slips ? 1 : 0)}`;
}

function verdictOn(user: string, start: number, added: readonly number[], isMistaken: boolean): string {
  const steps = [...user.matchAll(/<step_\d+>\n(.*)\n/g)].map(([, text = '']) => text);
  const right = chainOf([start, ...added]).steps;
  const wrong = steps.findIndex((text, step) => text !== right[step]);
  const verdict = wrong === -1 ? -1 : wrong + 1;
  const mistaken = verdict === -1 ? 1 : (verdict % steps.length) + 1;
  return `I look at each step.\n\\boxed{${isMistaken ? mistaken : verdict}}`;
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}
