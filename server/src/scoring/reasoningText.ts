// Reads plain text as reasoning: the problem, if it is there, and its steps, with their places in the text.
import { markAtEnd, readSteps, unknownMarkAtEnd, type Place, type StepMark } from '../datasets/stepsText.ts';
import { findEquations } from '../models/arithmetic/index.ts';
import { cleanStep, stepMarkerLength } from '../models/families/stepText.ts';
import { readLines, type Line } from './reasoningLines.ts';

/**
 * A part of the input, without the marker ("Step 2:"), the label and white space around it. `text` is what lies there,
 * escapes and indents of the form it is written in undone.
 */
export interface TextSpan {
  text: string;
  /** UTF-16 offsets. */
  start: number;
  end: number;
}

export interface StepSpan extends TextSpan {
  /** The label behind a step of a `.steps` document. */
  mark?: StepMark;
  /** Looks like a label and is none; part of the text. */
  unknownMark?: Place;
}

export interface ReasoningText {
  problem: TextSpan | undefined;
  /** In order, not overlapping, none empty. No steps: the text holds none, the caller says so. */
  steps: StepSpan[];
}

const PROBLEM_HEADING = heading('problem|question|prompt|task|exercise|user|human', 'q', '[:.]');
const SOLUTION_HEADING = heading(
  'solution|answer|reasoning|steps|response|proof|assistant|explanation',
  'a',
  ':',
);
/** Chat templates of Phi, ChatML, Llama 2 and 3, Gemma, Mistral: what begins the answer. */
const ASSISTANT_TURN =
  /<\|assistant\|>|<\|im_start\|>assistant|\[\/INST\]|<start_of_turn>model|<\|start_header_id\|>assistant<\|end_header_id\|>/g;
const SYSTEM_TURN =
  /<\|system\|>[^<]*<\|end\|>|<\|im_start\|>system[^<]*<\|im_end\|>|<<SYS>>[^<]*<<\/SYS>>|<\|start_header_id\|>system<\|end_header_id\|>[^<]*<\|eot_id\|>/g;
const TURN_TOKENS =
  /<\|(?:user|assistant|end|endoftext|im_end|eot_id|begin_of_text|end_of_text)\|>|<\|im_start\|>(?:user|assistant)|<\|start_header_id\|>(?:user|assistant)<\|end_header_id\|>|<start_of_turn>(?:user|model)|<end_of_turn>|\[\/?INST\]|<\/?s>/g;

const STEP_WORD =
  /^(?:\*\*|__|#{1,6}[ \t]+)?step[ \t]*#?(\d{1,4})(?:\*\*|__)?[ \t]*(?:[:.)\u2013\u2014-]|\*\*|__|\n|$)/i;
const NUMBERED = /^\(?(\d{1,4})[.)](?:[ \t\n]|$)/;
const BULLET = /^[-*+\u2022][ \t]+\S/;
const RULE = /^[-*_=]{3,}$/;
const FINAL_ANSWER =
  /^(?:####[ \t]*[-$\d\\(.]|(?:\*\*)?(?:(?:so|thus|hence|therefore),?[ \t]+)?the[ \t]+(?:final[ \t]+)?answer[ \t]+is\b|(?:\*\*)?final[ \t]+answer\b|(?:\*\*)?answer[ \t]*:|A:[ \t]|\$?\\boxed\{|# Answer\b)/i;
const INTRODUCTION = /:$|\bstep[ -]by[ -]step\b|^(?:let's|let us|let me)\b[^.]*\.?$/i;
const ASKS =
  /^(?:find|compute|calculate|evaluate|determine|solve|simplify|prove|show|what|which|how|express|factor|convert)\b/i;

/** Inside an opening: a question with more behind it, or a sentence "If …, calculate …". */
const ASKS_INSIDE =
  /\?(?=[\s"')])|[.!]["')]?\s+(?:if\b[^.?!]{0,200},\s*)?(?:find|compute|calculate|determine|what|how)\b/i;
/** A step that says what it will do asks nothing. */
const FIRST_STEP = /^(?:first|then|next|so|to|now|we|let)\b/i;

/** Lines that a problem without a heading may have before its question. */
const MAX_QUESTION_LINES = 6;
/** Characters of a paragraph that are read to see whether it computes something. */
const MAX_LOOK = 2000;

/** A line that begins with one of the words, as a title ("## Solution") or with a mark behind it ("Solution: …"). */
function heading(words: string, letter: string, mark: string): RegExp {
  const number = '(?:[ \\t]*#?\\d{1,4})?';
  const bold = '(?:\\*\\*|__)?';
  const marked = `(?:${words}|${letter})${number}${bold}[ \\t]*${mark}${bold}[ \\t]*`;
  return new RegExp(`^(?:#{1,6}[ \\t]+)?${bold}(?:${marked}|(?:${words})${number}${bold}$)`, 'i');
}

/**
 * Tells a problem and its steps apart.
 *
 * Steps are, by the first rule that fits what comes after the problem: "Step k" lines; lines numbered in order; a list of
 * bullets; paragraphs, where empty lines separate at least two; else lines. What stands between two markers belongs to the
 * step above, but a final answer on a line of its own (`#### 72`, "The answer is 72") is a step. Code fences, display math
 * and LaTeX environments are never cut.
 *
 * The problem is: what a chat template or a heading ("Problem:") names so; else what stands before the first marker;
 * else an opening that ends in a question mark; else an opening paragraph that asks for something or that computes
 * nothing and stands apart from a block of lines. Otherwise there is none: a selection may hold only steps.
 * Takes time linear in the text's length.
 */
export function parseReasoning(text: string): ReasoningText {
  const { clean, answerFrom } = withoutChatTemplate(text);
  const lines = readLines(clean).filter((line) => !RULE.test(line.text));
  const parts = splitLines(lines, answerFrom);
  const problem = spanOf(clean, parts.problem, PROBLEM_HEADING);
  const groups = groupSteps(parts.solution);
  const steps = groups.flatMap((group) => spanOf(clean, group) ?? []);
  const original = (span: TextSpan) => ({ ...span, text: text.slice(span.start, span.end) });
  return { problem: problem && original(problem), steps: steps.map(original) };
}

/** Ends of lines that are a label in a `.steps` document, white space before it included. */
const LINE_MARK = /(?:^|[ \t])\[[-+0 ](?: [\d.e-]+)?\](?=\s*$)/gm;

/**
 * Reads a `.steps` document, as `writeSteps` writes it or written freely: labels are taken off the steps, so that a model
 * reads the same text with them as without.
 */
export function parseSteps(text: string): ReasoningText {
  const document = readSteps(text);
  if (document !== undefined) {
    const steps = document.steps.map((step) => ({ ...step, text: cleanStep(step.text) }));
    return { problem: document.problem, steps: steps.filter((step) => step.text !== '') };
  }
  const blank = (mark: string) => (markAtEnd(mark, 0) === undefined ? mark : ' '.repeat(mark.length));
  const { problem, steps } = parseReasoning(text.replace(LINE_MARK, blank));
  const original = (span: TextSpan) => ({ ...span, text: text.slice(span.start, span.end) });
  return {
    problem: problem && original(problem),
    steps: steps.map((step) => withMark(text, original(step))),
  };
}

/** The step with the label that stands behind it on its last line. */
function withMark(document: string, step: TextSpan): StepSpan {
  const newline = document.indexOf('\n', step.end);
  const rest = document.slice(step.end, newline === -1 ? undefined : newline).trimEnd();
  const found = markAtEnd(rest, step.end);
  if (found !== undefined) return { ...step, mark: found.mark };
  const unknownMark = unknownMarkAtEnd(step.text, step.start);
  return unknownMark === undefined ? step : { ...step, unknownMark };
}

/** The text with every template token made blank, so that offsets stay; and where the answer begins, if that is said. */
function withoutChatTemplate(text: string): { clean: string; answerFrom: number | undefined } {
  let answerFrom: number | undefined;
  for (const turn of text.matchAll(ASSISTANT_TURN)) answerFrom ??= turn.index;
  const blank = (token: string) => token.replace(/[^\n]/g, ' ');
  const clean = text
    .replace(SYSTEM_TURN, blank)
    // The answer begins a line, also where it is written behind the token.
    .replace(ASSISTANT_TURN, (token) => `\n${blank(token.slice(1))}`)
    .replace(TURN_TOKENS, blank);
  return { clean, answerFrom };
}

interface Parts {
  problem: Line[];
  solution: Line[];
}

function splitLines(lines: Line[], answerFrom: number | undefined): Parts {
  const split = (at: number): Parts => ({
    problem: lines.slice(0, at).filter((line) => !isEmptyHeading(line, PROBLEM_HEADING)),
    solution: withoutHeading(lines.slice(at)),
  });
  if (answerFrom !== undefined) {
    const at = lines.findIndex((line) => line.start >= answerFrom);
    return split(at === -1 ? lines.length : at);
  }
  const hasProblemHeading = lines[0] !== undefined && PROBLEM_HEADING.test(lines[0].text);
  const solutionHeading = lines.findIndex((line, index) => isSolutionHeading(lines, line, index));
  if (solutionHeading !== -1) return split(solutionHeading);

  const marked = firstMarked(lines);
  if (marked > 0) {
    const before = withoutIntroduction(lines.slice(0, marked));
    if (before.length === 0) return { problem: [], solution: lines.slice(marked) };
    const end = hasProblemHeading ? before.length : endOfStatement(before);
    return {
      problem: before.slice(0, end).filter((line) => !isEmptyHeading(line, PROBLEM_HEADING)),
      solution: [...before.slice(end), ...lines.slice(marked)],
    };
  }
  if (marked === 0) return split(0);
  return split(endOfProblem(lines, hasProblemHeading));
}

/** A line "Solution:", or "Solution: text"; "A: …" and "Answer: …" only right behind a question, elsewhere they conclude. */
function isSolutionHeading(lines: readonly Line[], line: Line, index: number): boolean {
  const heading = SOLUTION_HEADING.exec(line.text)?.[0];
  if (heading === undefined) return false;
  if (heading.length === line.text.length) return index < lines.length - 1 && /\w\w/.test(heading);
  if (!/^\W*(?:a|answer)\b/i.test(heading)) return heading.includes(':');
  const before = lines[index - 1];
  return (
    before !== undefined && (asksAtEnd(before.text) || (index === 1 && PROBLEM_HEADING.test(before.text)))
  );
}

function isEmptyHeading(line: Line, heading: RegExp): boolean {
  return heading.exec(line.text)?.[0].length === line.text.length;
}

/** The solution without its heading: the line is dropped, or begins behind it. */
function withoutHeading(solution: Line[]): Line[] {
  const [first, ...rest] = solution;
  const length = first === undefined ? undefined : SOLUTION_HEADING.exec(first.text)?.[0].length;
  if (first === undefined || length === undefined || (rest.length === 0 && /^\W*a/i.test(first.text)))
    return solution;
  if (length === first.text.length) return rest;
  if (FINAL_ANSWER.test(first.text) && rest.length === 0) return solution;
  return [{ ...first, start: first.start + length, text: first.text.slice(length) }, ...rest];
}

/** Index of the first line that a step's marker begins, -1 where the text has no such markers. */
function firstMarked(lines: readonly Line[]): number {
  const word = lines.findIndex((line) => STEP_WORD.test(line.text));
  if (word !== -1) return word;
  const numbered = numberedLines(lines);
  if (numbered.length > 0) return numbered[0] ?? -1;
  const bullets = lines.flatMap((line, index) => (BULLET.test(line.text) ? [index] : []));
  return bullets.length > 1 ? (bullets[0] ?? -1) : -1;
}

/** Lines numbered in order (2., 3., 4.), all as far from the margin; a single one only where it is number 1. */
function numberedLines(lines: readonly Line[]): number[] {
  const found: number[] = [];
  let expected: number | undefined;
  let indent = 0;
  for (const [index, line] of lines.entries()) {
    const number = NUMBERED.exec(line.text)?.[1];
    if (
      number === undefined ||
      (expected !== undefined && (Number(number) !== expected || line.indent > indent + 1))
    ) {
      continue;
    }
    expected ??= Number(number);
    expected++;
    if (found.length === 0) indent = line.indent;
    found.push(index);
  }
  return found.length > 1 || expected === 2 ? found : [];
}

function withoutIntroduction(lines: Line[]): Line[] {
  const kept = [...lines];
  for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
    const introduces = INTRODUCTION.test(last.text) && !asksAtEnd(last.text) && last.text.length < 200;
    if (!introduces || (kept.length === 1 && PROBLEM_HEADING.test(last.text))) break;
    kept.pop();
  }
  return kept;
}

/** How many lines, from the first on, are the problem of a text without markers. */
function endOfProblem(lines: readonly Line[], hasHeading: boolean): number {
  const nextParagraph = lines.findIndex((line, index) => index > 0 && line.opensParagraph);
  const question = endOfQuestion(lines);
  if (question > 0) return question;
  const opening = nextParagraph === -1 ? Math.min(1, lines.length) : nextParagraph;
  if (hasHeading) return opening;
  const first = lines[0];
  if (first === undefined || opening === lines.length) return 0;
  const computing = lines.slice(0, opening).findIndex((line) => computes([line]));
  const asks =
    ASKS.test(first.text) ||
    (ASKS_INSIDE.test(first.text.slice(0, MAX_LOOK)) && !FIRST_STEP.test(first.text));
  if (asks) return computing === -1 ? opening : computing;
  const rest = lines.slice(opening + 1);
  const block = nextParagraph !== -1 && rest.length > 0 && !rest.some((line) => line.opensParagraph);
  return block && computing === -1 ? opening : 0;
}

/** How many of the lines before the first marker are the problem: all, or all up to the first that computes behind a question. */
function endOfStatement(before: readonly Line[]): number {
  const question = endOfQuestion(before);
  if (question === 0) return before.length;
  const computing = before.findIndex((line, index) => index >= question && computes([line]));
  return computing === -1 ? before.length : computing;
}

/** Number of lines up to the question marks that end the opening, 0 where no question is asked there. */
function endOfQuestion(lines: readonly Line[]): number {
  const within = lines.slice(0, MAX_QUESTION_LINES);
  let end = within.findIndex((line) => asksAtEnd(line.text)) + 1;
  if (end === 0 || computes(within.slice(0, end - 1))) return 0;
  for (let next = within[end]; next !== undefined && asksAtEnd(next.text); next = within[end]) end++;
  return end;
}

function asksAtEnd(text: string): boolean {
  return /\?["'\u2019\u201d)\]*_$]{0,4}$/.test(text.slice(-8));
}

function computes(lines: readonly Line[]): boolean {
  return lines.some(
    (line) =>
      FINAL_ANSWER.test(line.text) ||
      findEquations(line.text.slice(0, MAX_LOOK)).some(({ verdict }) => verdict !== 'unsure'),
  );
}

/** The solution's lines, those of one step together. */
function groupSteps(lines: readonly Line[]): Line[][] {
  const begins = stepBegin(lines);
  const groups: Line[][] = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0 || begins(line, index) || isFinalAnswer(lines, index)) groups.push([line]);
    else groups.at(-1)?.push(line);
  }
  return groups;
}

/** The rule that tells where a step begins, chosen by what the solution looks like. */
function stepBegin(lines: readonly Line[]): (line: Line, index: number) => boolean {
  if (lines.some((line) => STEP_WORD.test(line.text))) return (line) => STEP_WORD.test(line.text);
  const numbered = new Set(numberedLines(lines));
  if (numbered.size > 0) return (_line, index) => numbered.has(index);
  const bullets = lines.filter((line) => BULLET.test(line.text));
  if (bullets.length > 1) {
    const indent = Math.min(...bullets.slice(0, 1000).map((line) => line.indent));
    return (line) => (BULLET.test(line.text) && line.indent <= indent + 1) || line.opensParagraph;
  }
  const paragraphs = lines.some((line, index) => index > 0 && line.opensParagraph);
  return paragraphs ? (line) => line.opensParagraph : () => true;
}

/** A final answer is a step of its own, unless it is only the title of what follows ("# Answer"). */
function isFinalAnswer(lines: readonly Line[], index: number): boolean {
  const line = lines[index];
  return line !== undefined && FINAL_ANSWER.test(line.text);
}

/** From the first line's begin to the last one's end, markers, headings and white space left out. */
function spanOf(text: string, lines: readonly Line[], heading?: RegExp): TextSpan | undefined {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const whole = text.slice(first.start, last.end);
  const skipped =
    heading === undefined ? stepMarkerLength(whole) : (heading.exec(first.text)?.[0].length ?? 0);
  const from = first.start + skipped;
  const content = text.slice(from, last.end);
  const start = from + content.length - content.trimStart().length;
  const end = start + content.trim().length;
  return start < end ? { text: text.slice(start, end), start, end } : undefined;
}
