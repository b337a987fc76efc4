// One answer of a model server, streamed or whole: puts the pieces of its choices together, each told apart by its index.
// https://platform.openai.com/docs/api-reference/chat/streaming
import { z } from 'zod';
import { messageOf } from '../../support/errors.ts';
import type { ChatSample } from './chatRequest.ts';
import { PassingFailure, saidBy } from './serverErrors.ts';

/** Thoughts come apart from the answer: `reasoning_content` (DeepSeek, vLLM, llama.cpp), `reasoning` (Ollama, newer vLLM). */
const textSchema = z.object({
  content: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  reasoning: z.string().nullish(),
});

const countSchema = z.object({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
});

const choiceSchema = z.object({
  index: z.int().nonnegative().optional(),
  delta: textSchema.optional(),
  message: textSchema.optional(),
  finish_reason: z.string().nullish(),
});

const answerSchema = z.object({
  choices: z.array(choiceSchema).nullish(),
  /** Some servers tell a failure inside of the stream. */
  error: z.unknown().optional(),
  usage: countSchema.nullish(),
  /** Who answers: some servers have one model only, and answer with it whatever is asked for. */
  model: z.string().nullish().catch(undefined),
});

/** Tokens of one request, all its choices together. */
export interface Usage {
  promptTokens: number;
  completionTokens: number;
}

export interface ServerAnswer {
  /** By index; undefined where the server gave no such choice, or the connection broke before its end. */
  samples: (ChatSample | undefined)[];
  /** As the server counted; undefined where it did not. */
  usage: Usage | undefined;
  /** The connection ended in the middle of a choice. */
  broken: boolean;
}

const DONE = '[DONE]';
/** No tokenizer makes so few tokens of so much text, in characters a token. */
const LONGEST_TOKEN = 32;
/** For the last chunk, and for settings of a few tokens. */
const SLACK = 4096;

/** Most characters of a text that was to have so many tokens: a server that goes beyond does not mind the limit. */
export function longestText(maxTokens: number): number {
  return LONGEST_TOKEN * maxTokens + SLACK;
}

interface Choice {
  text: string;
  reasoning: string;
  finish: string | undefined;
}

export class AnswerCollector {
  readonly #choices: Choice[];
  readonly #seen = new Set<number>();
  readonly #longest: number;
  /** From a chunk with choices, which counts what there is so far; from chunks that only count. */
  #soFar: Usage | undefined;
  #final: Usage | undefined;
  #model: string | undefined;
  #done = false;
  #cut = false;

  /** @param count choices that were asked for */
  constructor(count: number, maxTokens: number) {
    this.#choices = Array.from({ length: count }, () => ({ text: '', reasoning: '', finish: undefined }));
    this.#longest = longestText(maxTokens);
  }

  /** Nothing more is wanted: the server said so, or what is still open has been cut. */
  get isComplete(): boolean {
    return this.#done || (this.#cut && this.#choices.every(({ finish }) => finish !== undefined));
  }

  /** At least one choice came to its end. */
  get hasSome(): boolean {
    return this.#choices.some(({ finish }) => finish !== undefined);
  }

  /**
   * Takes one event of a stream, or a whole answer.
   * @returns whether it brought anything: text, an end, or the count of tokens
   * @throws PassingFailure where it cannot be read, or tells a failure
   */
  take(data: string): boolean {
    if (this.#done) return false;
    if (data === DONE) {
      this.#done = true;
      return true;
    }
    const { choices, usage, error, model } = checked(data);
    if (error != null) throw new PassingFailure(`the server failed: ${saidBy(data)}`, false);
    if (model != null && model !== '') this.#model ??= model;
    let isNews = usage != null;
    if (usage != null) this.#takeUsage(usage, choices == null || choices.length === 0);
    for (const choice of choices ?? []) isNews = this.#takeChoice(choice) || isNews;
    return isNews;
  }

  /** Takes an answer that came in one piece. */
  takeWhole(data: string): void {
    this.take(data);
    if (this.#seen.size === 0)
      throw new PassingFailure('the answer cannot be read (it has no choices)', false);
    this.#done = true;
  }

  /** @throws PassingFailure where no choice came to its end */
  end(): ServerAnswer {
    const samples = this.#choices.map((choice, index) =>
      this.#seen.has(index) ? this.#sampleOf(choice) : undefined,
    );
    // A connection that ends before the last chunk would pass for a short answer.
    if (samples.every((sample) => sample === undefined)) {
      throw new PassingFailure('the connection broke in the middle of an answer', false);
    }
    const broken = samples.some((sample, index) => sample === undefined && this.#seen.has(index));
    const usage = this.#final ?? this.#soFar;
    const [only] = samples;
    if (samples.length === 1 && only !== undefined)
      return { samples: [{ ...only, ...usage }], usage, broken };
    return { samples, usage, broken };
  }

  /** llama.cpp counts each choice in a chunk of its own, with the prompt, which was read once; vLLM all of them in the last. */
  #takeUsage({ prompt_tokens, completion_tokens }: z.infer<typeof countSchema>, isFinal: boolean): void {
    const { promptTokens = 0, completionTokens = 0 } = (isFinal ? this.#final : undefined) ?? {};
    const usage = {
      promptTokens: Math.max(promptTokens, prompt_tokens),
      completionTokens: completionTokens + completion_tokens,
    };
    if (isFinal) this.#final = usage;
    else this.#soFar = usage;
  }

  #takeChoice({ index = 0, delta, message, finish_reason }: z.infer<typeof choiceSchema>): boolean {
    const choice = this.#choices[index];
    if (choice === undefined) return false;
    this.#seen.add(index);
    if (choice.finish !== undefined) return false;
    const { content, reasoning_content, reasoning } = delta ?? message ?? {};
    const text = content ?? '';
    const thought = reasoning_content ?? reasoning ?? '';
    choice.text += text;
    choice.reasoning += thought;
    choice.finish = finish_reason ?? undefined;
    if (choice.text.length + choice.reasoning.length > this.#longest) {
      choice.text = choice.text.slice(0, this.#longest);
      choice.reasoning = choice.reasoning.slice(0, this.#longest);
      choice.finish = 'length';
      this.#cut = true;
    }
    return text !== '' || thought !== '' || choice.finish !== undefined;
  }

  #sampleOf({ text, reasoning, finish }: Choice): ChatSample | undefined {
    const ended = finish ?? (this.#done ? 'stop' : undefined);
    if (ended === undefined) return undefined;
    return {
      text,
      finish: ended,
      ...(reasoning === '' ? {} : { reasoning }),
      ...(this.#model === undefined ? {} : { answeredBy: this.#model }),
    };
  }
}

function checked(text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (error) {
    const [line = ''] = messageOf(error).split('\n', 1);
    throw new PassingFailure(`the answer cannot be read (${line})`, false);
  }
}
