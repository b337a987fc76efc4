// What the real server does when it is asked directly: the ground on which the product's figures are judged.
import { z } from 'zod';
import { check } from '../lib/checkList.ts';
import type { LlamaServer } from './llamaServer.ts';

const answerSchema = z.object({
  choices: z.tuple([z.object({ finish_reason: z.string(), message: z.object({ content: z.string() }) })]),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }),
});

const PROBLEM = [{ role: 'user', content: 'Tom has 3 boxes with 12 pens each. How many pens has he?' }];

/** One chat completion in one piece, past the product. */
export async function askDirectly(
  server: LlamaServer,
  body: object,
): Promise<{
  text: string;
  finish: string;
  usage: { prompt_tokens: number; completion_tokens: number };
}> {
  const answer = await server.post('/v1/chat/completions', { model: server.model, ...body });
  const { choices, usage } = answerSchema.parse(answer);
  return { text: choices[0].message.content, finish: choices[0].finish_reason, usage };
}

export async function checkServer(server: LlamaServer): Promise<void> {
  const ask = (settings: object): ReturnType<typeof askDirectly> =>
    askDirectly(server, { messages: PROBLEM, temperature: 0.8, max_tokens: 24, ...settings });
  const [first, again, other] = [await ask({ seed: 1 }), await ask({ seed: 1 }), await ask({ seed: 2 })];
  check(first.text === again.text, 'asked directly, a seed means one text');
  check(first.text !== other.text, 'another seed means another text');
  check(
    first.finish === 'length' && first.usage.completion_tokens === 24,
    'a cut answer has 24 tokens: length',
  );
  const stopped = await ask({ seed: 1, stop: [' '] });
  check(stopped.finish === 'stop' && !stopped.text.includes(' '), 'a stop word ends an answer: stop');
  const prompt = await server.tokens(PROBLEM);
  check(
    first.usage.prompt_tokens === prompt,
    `the prompt has ${prompt} tokens by template and tokenizer too`,
  );
}
