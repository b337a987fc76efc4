// What real model servers sent, put together again.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createParser } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import {
  AnswerCollector,
  type ServerAnswer,
} from '../../../../server/src/generation/sampling/serverAnswer.ts';

const STREAMS = path.resolve(import.meta.dirname, '../../../fixtures/streams');

function collect(stream: string, choices: number): ServerAnswer {
  const collector = new AnswerCollector(choices, 100);
  createParser({ onEvent: ({ data }) => void collector.take(data) }).feed(stream);
  return collector.end();
}

const chunk = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;
const usage = (completion: number): object => ({ prompt_tokens: 9, completion_tokens: completion });
const ended = (index: number, content: string): object => ({
  choices: [{ index, delta: { content }, finish_reason: 'stop' }],
});

describe('AnswerCollector', () => {
  it('reads two choices of llama.cpp, which come mixed, and each with a count of its own', () => {
    const answer = collect(readFileSync(path.join(STREAMS, 'llama-cpp-two-choices.sse'), 'utf8'), 2);
    expect(answer.samples).toEqual([
      { text: 'Tom has 12 pens', finish: 'length', answeredBy: 'smollm2-135m-instruct' },
      { text: 'A simple yet elegant approach to', finish: 'length', answeredBy: 'smollm2-135m-instruct' },
    ]);
    expect(answer.usage).toEqual({ promptTokens: 48, completionTokens: 12 });
    expect(answer.broken).toBe(false);
  });

  it('takes the count behind all choices, also where each chunk has counted what there was so far (vLLM)', () => {
    const stream =
      chunk({ ...ended(0, 'one'), usage: usage(1) }) +
      chunk({ ...ended(1, 'two more'), usage: usage(3) }) +
      chunk({ choices: [], usage: usage(3) }) +
      'data: [DONE]\n\n';
    expect(collect(stream, 2).usage).toEqual({ promptTokens: 9, completionTokens: 3 });
  });

  it('takes the last count where no chunk only counts', () => {
    const stream =
      chunk({ ...ended(0, 'one'), usage: usage(1) }) + chunk({ ...ended(1, 'two'), usage: usage(2) });
    expect(collect(stream, 2).usage).toEqual({ promptTokens: 9, completionTokens: 2 });
  });
});
