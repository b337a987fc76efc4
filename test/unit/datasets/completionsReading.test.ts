// The vote over what `completions` are.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReadingVote } from '../../../server/src/datasets/completionsReading.ts';
import { isFault } from '../../../server/src/datasets/layouts/layout.ts';
import { stepwiseReader, type StepwiseRow } from '../../../server/src/datasets/layouts/trlStepwise.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/stepwise');

function rowsOf(name: string): StepwiseRow[] {
  const read = stepwiseReader();
  return readFileSync(path.join(FIXTURES, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const row = read(JSON.parse(line) as Record<string, unknown>);
      if (isFault(row)) throw new Error(row.reason);
      return row;
    });
}

function voteOf(rows: readonly Pick<StepwiseRow, 'completions' | 'labels' | 'isMade'>[]): ReadingVote {
  const vote = new ReadingVote();
  for (const row of rows) vote.add({ problem: 'p', wrapper: undefined, ...row });
  return vote;
}

describe('ReadingVote', () => {
  it('reads real lines of one solution as steps', () => {
    const vote = voteOf(rowsOf('reading-steps.jsonl'));
    expect(vote.choice()).toEqual({ reading: 'steps', by: 'vote' });
    expect(vote.evidence).toMatchObject({
      rows: 40,
      severalAnswers: 0,
      answerOnlyAtEnd: 40,
      labelsFallOnce: 40,
    });
  });

  it('reads real attempts as attempts', () => {
    const vote = voteOf(rowsOf('reading-attempts.jsonl'));
    expect(vote.choice()).toEqual({ reading: 'attempts', by: 'vote' });
    expect(vote.evidence).toMatchObject({ rows: 25, severalAnswers: 25, answerOnlyAtEnd: 0 });
  });

  it('does not take line breaks inside steps, or labels that rise again, for attempts (PRM800K)', () => {
    const completions = ['First,\n\nwe add.', 'Then\nwe halve.', 'So we have it.\n\n# Answer\n\n29'];
    const row = { completions, labels: ['correct', 'incorrect', 'correct'] as StepwiseRow['labels'] };
    const vote = voteOf([row, row]);
    expect(vote.choice()).toEqual({ reading: 'steps', by: 'vote' });
    expect(vote.evidence).toMatchObject({ elementsWithLines: 6, labelsFallOnce: 0 });
  });

  it.each(['#### 72', 'so\nA: 72', 'The answer is 72.', '\\boxed{72}', 'the final answer is 72'])(
    'knows a final answer: %s',
    (answer) => {
      const labels: StepwiseRow['labels'] = ['correct', 'incorrect'];
      expect(voteOf([{ completions: [answer, answer], labels }]).choice().reading).toBe('attempts');
      expect(voteOf([{ completions: ['Add.', answer], labels }]).choice()).toEqual({
        reading: 'steps',
        by: 'vote',
      });
    },
  );

  it('takes rows that prm made for steps, also where a model says its answer again and again', () => {
    const completions = ['So the answer is 4.', 'No, the answer is 5.', '#### 5'];
    const fields = { prompt: 'p', completions, labels: [null, null, null] };
    const read = stepwiseReader();
    const [made, other] = [read({ ...fields, source_row: 3 }), read(fields)];
    if (isFault(made) || isFault(other)) throw new Error('a good row is refused');
    expect(voteOf([made, made]).choice()).toEqual({ reading: 'steps', by: 'vote' });
    expect(voteOf([made, made]).evidence).toMatchObject({ madeAsSteps: 2, rows: 0 });
    expect(voteOf([other, other]).choice()).toEqual({ reading: 'attempts', by: 'vote' });
  });

  it('falls back to steps where no row can tell', () => {
    const one = { completions: ['1 + 1 = 2\n#### 2'], labels: ['correct'] as StepwiseRow['labels'] };
    const none = { completions: ['Add.', 'Halve.'], labels: ['correct', 'correct'] as StepwiseRow['labels'] };
    expect(voteOf([one, none]).choice()).toEqual({ reading: 'steps', by: 'fallback' });
  });
});
