// How a model is asked for a worked solution, and how its answer is cut into steps.
import type { ChatMessage } from './chatRequest.ts';

export const DEFAULT_INSTRUCTION =
  'Solve the problem step by step. Write each step on a line of its own, in plain text with its calculation. ' +
  'Write the final answer alone on the last line, behind "#### ".';

/** @param instruction the system message; models without one get it at the head of the problem */
export function solutionMessages(problem: string, instruction: string): ChatMessage[] {
  return [
    { role: 'system', content: instruction },
    { role: 'user', content: problem },
  ];
}

/** Some chat templates write the opening tag themselves, so that only the closing one is in the answer. */
const THOUGHTS = /^[\s\S]*<\/think>/;
const UNFINISHED_THOUGHT = /^\s*<think>[\s\S]*$/;
const ONLY_MARKUP = /^[\s*_#=-]*$/;

/** What a model answers, without what it thinks before; empty where it never came to an answer. */
export function solutionOf(text: string): string {
  return text.replace(THOUGHTS, '').replace(UNFINISHED_THOUGHT, '').replace(/\r\n?/g, '\n').trim();
}

/** Lines with text, or paragraphs where the text has displayed formulas. What a model thinks before is left out. */
export function stepsOf(text: string): string[] {
  const solution = solutionOf(text);
  const paragraphs = solution.split(/\n[ \t]*\n/);
  const blocks = paragraphs.filter((paragraph) => /\\\[|\$\$|\\begin/.test(paragraph)).length;
  // A displayed formula belongs to the sentence that it continues.
  const parts = blocks > 0 && paragraphs.length > 1 ? paragraphs : solution.split('\n');
  return parts.map((part) => part.trim()).filter((part) => !ONLY_MARKUP.test(part));
}
