// What a person reads about data that was made.
import { describe, expect, it } from 'vitest';
import {
  describeCost,
  describeGenerated,
  describeWork,
  nameOfData,
} from '../../../client/src/generationText.ts';
import { withoutSecrets } from '../../../client/src/hiddenSecrets.ts';

describe('what data cost and what became of it', () => {
  it('is said before', () => {
    const cost = { answers: 1200, cached: 0, completionTokens: 614_400 };
    expect(describeCost(cost)).toBe('At most 1,200 answers to pay for, of 614,400 tokens together');
    expect(describeCost({ ...cost, answers: 0, cached: 1 })).toBe(
      'Nothing to pay for: 1 answer is in the cache',
    );
  });

  it('and behind, with what is missing', () => {
    const made = {
      method: 'sample' as const,
      file: '/w/samples.jsonl',
      rows: 1200,
      requests: 40,
      cached: 1160,
      tokens: 8123,
      missing: [],
      leftOut: ['2 × no text'],
      seconds: 3,
    };
    expect(describeGenerated(made, 'samples.jsonl')).toBe(
      '1,200 rows are in samples.jsonl. 40 requests, 1,160 answers from the cache, 8,123 tokens. Left out: 2 × no text.',
    );
    expect(describeGenerated({ ...made, requests: 1 }, 'x')).toContain(' 1 request, ');
    const corrupted = {
      ...made,
      requests: 0,
      cached: 0,
      tokens: 0,
      rows: 1,
      leftOut: [],
      missing: ['3 × a', 'b'],
    };
    expect(describeGenerated(corrupted, 'x')).toBe('1 row is in x. Missing: 3 × a; b.');
  });

  it('names the work and the folder after the dataset', () => {
    const dataset = '/w/data/gsm8k.jsonl.gz';
    expect(describeWork({ method: 'corrupt', dataset })).toBe('putting errors into gsm8k.jsonl.gz');
    expect(describeWork({ method: 'label', dataset, by: 'rollouts' })).toContain('by roll-outs');
    expect(nameOfData({ method: 'corrupt', dataset })).toBe('gsm8k-corrupted');
    expect(nameOfData({ method: 'sample', dataset: 'openai/gsm8k@main:main/train' })).toBe('gsm8k-samples');
    const made = '/w/.prm/data/gsm8k-samples-2/samples.jsonl';
    expect(nameOfData({ method: 'label', dataset: made, by: 'judge' })).toBe('gsm8k-samples-judge');
  });
});

it('a trace shows no secret, however it is written', () => {
  const key = 'sk-"quoted"\\';
  const trace = `Params: ${JSON.stringify({ server: 'here', key })} and ${key}`;
  expect(withoutSecrets(trace, [key, ''])).toBe('Params: {"server":"here","key":"•••"} and •••');
});
