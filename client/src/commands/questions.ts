// Questions in turn, with a way back: what they are, apart from how VS Code shows them.

/** The person wants the question before. */
export const BACK = Symbol('back');
/** Undefined: the person gave up. */
export type Reply<Value> = { value: Value } | typeof BACK | undefined;

export interface Option<Value> {
  label: string;
  description?: string;
  detail?: string;
  /** Heads the group that begins with this option. */
  group?: string;
  value: Value;
}

export interface TextQuestion {
  prompt: string;
  /** What stands there at first. */
  value?: string;
  placeHolder?: string;
  /** Gives the complaint about a text, with no space around it, that will not do. */
  check?: (text: string) => string | undefined;
  /** Shown as dots. */
  password?: boolean;
}

/** Asks one question at its place among others. */
export interface Asker {
  choose<Value>(placeHolder: string, options: readonly Option<Value>[]): Promise<Reply<Value>>;
  ask(question: TextQuestion): Promise<Reply<string>>;
  /** Shows that something is waited for. @throws as the work does */
  wait<Value>(message: string, work: (signal: AbortSignal) => Promise<Value>): Promise<Reply<Value>>;
  /** For a question behind this one, at the same place: the way back leads to this one. */
  readonly deeper: Asker;
}

/** Where a question stands. */
export interface Place {
  /** From 1. */
  step: number;
  /** Undefined while it depends on answers that are not given yet. */
  of: number | undefined;
  canGoBack: boolean;
}

export interface Question<Answers> {
  /** Whether it is asked; undefined where earlier answers are missing that say so. */
  applies(answers: Answers): boolean | undefined;
  /** Earlier answers, those that the person went back from included, as what is offered first. */
  ask(answers: Answers, asker: Asker): Promise<Reply<Answers>>;
}

/**
 * Asks one after the other.
 * @param known so many of the first questions are answered already; the way back leads to them
 * @returns undefined where the person gave up
 */
export async function askInTurn<Answers>(
  questions: readonly Question<Answers>[],
  start: Answers,
  askerAt: (place: Place) => Asker,
  known = 0,
): Promise<Answers | undefined> {
  let answers = start;
  const asked = questions.slice(0, known).map((_, index) => index);
  let at = known;
  for (;;) {
    const question = questions[at];
    if (question === undefined) return answers;
    if (question.applies(answers) !== true) {
      at++;
      continue;
    }
    const reply = await question.ask(answers, askerAt(placeOf(questions, answers, asked.length)));
    if (reply === undefined) return undefined;
    if (reply === BACK) {
      at = asked.pop() ?? at;
      continue;
    }
    answers = reply.value;
    asked.push(at++);
  }
}

function placeOf<Answers>(questions: readonly Question<Answers>[], answers: Answers, asked: number): Place {
  const applying = questions.map((question) => question.applies(answers));
  const of = applying.includes(undefined) ? undefined : applying.filter((applies) => applies === true).length;
  return { step: asked + 1, of, canGoBack: asked > 0 };
}
