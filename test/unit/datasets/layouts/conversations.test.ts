// RLHFlow's conversations, and the tagged texts of ER-PRM and OpenRLHF.
import { describe, expect, it } from 'vitest';
import { fixture, mainPath, read } from './reading.ts';

describe('rlhflow', () => {
  const turn = (role: string, content: unknown): { role: string; content: unknown } => ({ role, content });

  it('splits the first message into problem and step', () => {
    const [marked, plain] = fixture('written-here/rlhflow.jsonl').map((row) => mainPath('rlhflow', row));
    expect(marked).toEqual({
      problem: 'What is 3 + 4 * 2?',
      steps: [
        { text: '4 * 2 = 8.', label: 'correct' },
        { text: '3 + 8 = 12. The answer is: 12', label: 'incorrect' },
      ],
    });
    expect(plain).toEqual({
      problem: 'How far is it?',
      steps: [
        { text: 'It is 5 km there.', label: 'correct' },
        { text: 'And 5 km back, so 10 km.', label: 'correct' },
      ],
    });
  });

  it('leaves a step without an answer unlabelled', () => {
    const conversations = [turn('user', 'P? Step 1: a'), turn('assistant', '+'), turn('user', 'Step 2: b')];
    expect(mainPath('rlhflow', { conversations }).steps.at(-1)).toEqual({ text: 'b', label: 'unlabelled' });
  });

  it.each([
    [[], 'no steps', ['conversations']],
    [[turn('assistant', '+')], 'an answer without a step before it', ['conversations', 0]],
    [[turn('user', 'P? a'), turn('assistant', 'yes')], 'unknown label', ['conversations', 1, 'content']],
    [[turn('user', 1)], 'the `content` of a message is no text', ['conversations', 0, 'content']],
    [[turn('robot', 'a')], 'unknown `role` of a message', ['conversations', 0, 'role']],
    [['a'], 'a message is no object', ['conversations', 0]],
  ])('says what is wrong and where %#', (conversations, reason, place) => {
    expect(read('rlhflow', { conversations })).toMatchObject({ reason, place });
  });
});

describe('er-prm', () => {
  it('takes a value for each tag and keeps shares', () => {
    const [first, second] = fixture('written-here/er-prm.jsonl').map((row) => mainPath('er-prm', row));
    expect(first).toEqual({
      problem: 'What is 3 + 4 * 2?',
      steps: [
        { text: '4 * 2 = 8.', label: 'correct', soft: 0.875 },
        { text: '3 + 8 = 12. The answer is: 12', label: 'incorrect' },
      ],
    });
    expect(second?.steps[1]).toEqual({ text: 'The answer is: 3', label: 'neutral', soft: 0.5 });
  });

  it('takes signs under the names that OpenRLHF uses', () => {
    const [row = {}] = fixture('written-here/openrlhf.jsonl');
    expect(mainPath('er-prm', row).steps.map(({ label }) => label)).toEqual(['correct', 'incorrect']);
  });

  it.each([
    [{ text: 'P? a ки b ки', value: [1] }, 'lists of different length', '2 step tags, 1 values', ['value']],
    [{ text: 'P? a ки', value: [7] }, 'unknown label', '7', ['value', 0]],
    [{ text: 'P? a', value: [] }, '`text` is missing', undefined, undefined],
    [{ text: 'P? a ки', label: {} }, '`value` is missing', undefined, undefined],
  ])('says what is wrong and where %#', (fields, reason, detail, place) => {
    const fault = read('er-prm', fields);
    if (detail === undefined) expect(fault).toHaveProperty('reason');
    else expect(fault).toEqual({ reason, detail, place });
  });
});
