// Chat wrappers around prompts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPrompt, unwrapPrompt } from '../../../server/src/datasets/promptWrapper.ts';

/** How each template writes one user turn, with and without a system text. */
const templates: Record<string, ((problem: string) => string)[]> = {
  Phi: [
    (problem) => `<|user|>\n${problem}<|end|>\n<|assistant|>\n`,
    (problem) => `<|system|>\nBe brief.<|end|>\n<|user|>\n${problem}<|end|>\n<|assistant|>\n`,
    (problem) => `<|user|>\n${problem}</s>\n<|assistant|>\n`,
  ],
  ChatML: [
    (problem) => `<|im_start|>user\n${problem}<|im_end|>\n<|im_start|>assistant\n`,
    (problem) =>
      `<|im_start|>system\nReason step by step.<|im_end|>\n<|im_start|>user\n${problem}<|im_end|>\n<|im_start|>assistant\n`,
  ],
  'Llama 3': [
    (problem) =>
      `<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>` +
      `<|start_header_id|>user<|end_header_id|>\n\n${problem}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n`,
    (problem) => `<|start_header_id|>user<|end_header_id|>\n\n${problem}<|eot_id|>`,
  ],
  Gemma: [(problem) => `<bos><start_of_turn>user\n${problem}<end_of_turn>\n<start_of_turn>model\n`],
  'Llama 2': [(problem) => `<s>[INST] <<SYS>>\nYou are kind.\n<</SYS>>\n\n${problem} [/INST]`],
  Mistral: [(problem) => `<s>[INST] ${problem} [/INST]`, (problem) => `[INST]${problem}[/INST]`],
};

describe('unwrapPrompt', () => {
  const problems = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[<[]/.test(text));

  it.each(Object.keys(templates))('takes off every form of %s', (wrapper) => {
    for (const wrap of templates[wrapper] ?? []) {
      fc.assert(
        fc.property(problems, (problem) => {
          expect(unwrapPrompt(wrap(problem))).toEqual({ problem: problem.trim(), wrapper });
        }),
      );
    }
  });

  it.each([
    'How much is 3 < 4?',
    'What does [INST] mean in a prompt?',
    'Explain <|user|> and <|end|>.',
    '<b>Bold</b> move',
    '[1, 2, 3] has how many elements?',
  ])('leaves plain text alone: %s', (text) => {
    expect(unwrapPrompt(text)).toEqual({ problem: text, wrapper: undefined });
  });

  it('takes the last user turn, since the earlier ones are worked examples', () => {
    const turns =
      '<|user|>\nAn example<|end|>\n<|assistant|>\nIts answer<|end|>\n<|user|>\nThe problem<|end|>\n';
    expect(unwrapPrompt(turns).problem).toBe('The problem');
  });

  it('takes the last turn of Llama 2, whose first one has the system text', () => {
    const turns =
      '<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nAn example [/INST] Its answer </s><s>[INST] The problem [/INST]';
    expect(unwrapPrompt(turns)).toEqual({ problem: 'The problem', wrapper: 'Llama 2' });
  });

  it('keeps a system text that has no end in the problem', () => {
    expect(unwrapPrompt('[INST] <<SYS>> The problem [/INST]').problem).toBe('<<SYS>> The problem');
  });

  it('reads a prompt that was cut before its end mark', () => {
    expect(unwrapPrompt('<|user|>\nThe problem').problem).toBe('The problem');
  });
});

describe('readPrompt', () => {
  it('takes the last user message of a chat', () => {
    const chat = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: ' How many? ' },
      { role: 'assistant', content: '' },
    ];
    expect(readPrompt(chat)).toEqual({ problem: 'How many?', wrapper: 'chat messages' });
  });

  it('joins the text parts of a message', () => {
    const content = [
      { type: 'text', text: 'How' },
      { type: 'text', text: 'many?' },
    ];
    expect(readPrompt([{ role: 'user', content }])?.problem).toBe('How\nmany?');
  });

  it.each([[42], [[]], [[{ role: 'assistant', content: 'x' }]], [[{ text: 'x' }]], [{}]])(
    'refuses %o',
    (prompt) => {
      expect(readPrompt(prompt)).toBeUndefined();
    },
  );
});
