import { describe, expect, it } from 'vitest';
import { keyOf, type ChatRequest } from '../../../../server/src/generation/sampling/chatRequest.ts';

const request: ChatRequest = {
  model: 'm',
  messages: [{ role: 'user', content: 'p' }],
  settings: { temperature: 0.7, topP: 1, maxTokens: 10, stop: ['x'] },
  seed: 1,
  sample: 0,
};

describe('keyOf', () => {
  it('is the same for the same content', () => {
    expect(keyOf(structuredClone(request))).toBe(keyOf(request));
  });

  it('differs with everything that a sample depends on', () => {
    const { settings } = request;
    const others: ChatRequest[] = [
      { ...request, model: 'n' },
      { ...request, messages: [{ role: 'user', content: 'q' }] },
      { ...request, messages: [{ role: 'system', content: 'p' }] },
      { ...request, settings: { ...settings, temperature: 0.8 } },
      { ...request, settings: { ...settings, topP: 0.9 } },
      { ...request, settings: { ...settings, maxTokens: 11 } },
      { ...request, settings: { ...settings, stop: [] } },
      { ...request, seed: 2 },
      { ...request, sample: 1 },
    ];
    expect(new Set([request, ...others].map(keyOf)).size).toBe(others.length + 1);
  });
});
