// RLHFlow: `conversations`, in which each user message is a step (the first: problem and step) and the assistant
// answers `+` or `-`. https://huggingface.co/datasets/RLHFlow/Mistral-PRM-Data
import type { RowFault } from '../rowSource.ts';
import type { Step } from '../trace.ts';
import { faultAt, fromJson, isObject, listField, numbered, shown } from './fields.ts';
import { isFault, type Layout } from './layout.ts';
import { withPolicies } from './policies.ts';
import { labelledStep, splitProblem } from './stepText.ts';

export const rlhflow: Layout = {
  name: 'rlhflow',
  title: 'RLHFlow conversations',
  columns: ['conversations'],
  recognise(fields) {
    const conversations = fromJson(fields.conversations);
    if (!Array.isArray(conversations)) return undefined;
    const [first, second] = conversations as unknown[];
    if (!isObject(first) || !isObject(second) || first.role !== 'user' || second.role !== 'assistant') {
      return undefined;
    }
    const sign = typeof second.content === 'string' ? second.content.trim() : '';
    return sign === '+' || sign === '-'
      ? '`conversations` in which the assistant answers each step with `+` or `-`'
      : undefined;
  },
  reader: (options) =>
    withPolicies(options, (fields) => {
      const messages = listField(fields, 'conversations');
      if (isFault(messages)) return messages;
      const turns = turnsOf(messages);
      if (isFault(turns)) return turns;
      if (turns.length === 0) return faultAt(['conversations'], 'no steps');
      const texts = turns.map(({ text }) => text);
      const split = splitProblem(texts, ['conversations', 0, 'content']);
      if (isFault(split)) return split;
      const { problem } = split;
      const steps: Step[] = [];
      for (const [index, { sign, answer }] of turns.entries()) {
        const place = ['conversations', answer, 'content'];
        const step = labelledStep(split.steps[index] ?? '', sign, place);
        if (isFault(step)) return step;
        steps.push(step);
      }
      return { problem, traces: [{ problem, steps }] };
    }),
};

interface Turn {
  text: string;
  /** undefined: the assistant does not answer the step. */
  sign: string | undefined;
  /** Place of the answer among the messages. */
  answer: number;
}

function turnsOf(messages: readonly unknown[]): Turn[] | RowFault {
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const place = ['conversations', index];
    if (!isObject(message)) return faultAt(place, 'a message is no object', numbered(index, message));
    const { role, content } = message;
    if (typeof content !== 'string') {
      return faultAt(
        [...place, 'content'],
        'the `content` of a message is no text',
        numbered(index, content),
      );
    }
    if (role === 'user') turns.push({ text: content, sign: undefined, answer: index });
    else if (role === 'assistant') {
      const turn = turns.at(-1);
      if (turn === undefined || turn.sign !== undefined) {
        return faultAt(place, 'an answer without a step before it', numbered(index, content));
      }
      turn.sign = content;
      turn.answer = index;
    } else if (role !== 'system') {
      return faultAt(
        [...place, 'role'],
        'unknown `role` of a message',
        `number ${index + 1}: ${shown(role)}`,
      );
    }
  }
  return turns;
}
