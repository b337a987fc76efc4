// A trace as a `.steps` document, and back: the one writer and the one reader of that form.
//
//     Problem: How many clips did she sell?
//       Lines behind the first are indented by two spaces.
//
//     Step 1: She sold 48/2 = 24 in May. [+]
//     Step 2: So 48 + 24 = 73. [-]
//     Step 3: A share instead of a verdict. [+ 0.75]
//     Step 4: No mark: unlabelled. Text that itself ends like a mark gets an empty one behind it: [+] [ ]
import type { Label, Step, Trace } from './trace.ts';

/** UTF-16 offsets into the document; `end` is not included. */
export interface Place {
  start: number;
  end: number;
}

/** A label at the end of a step, with its brackets. */
export interface StepMark extends Place {
  label: Label;
  soft?: number;
}

/** Where a text stands in the document: without its heading, its mark and white space around; indents are inside. */
export interface PlacedText extends Place {
  text: string;
}

export interface PlacedStep extends PlacedText {
  mark?: StepMark;
  /** Brackets at the step's end that look like a label and are none; part of the text. */
  unknownMark?: Place;
}

export interface StepsDocument {
  problem: PlacedText | undefined;
  steps: PlacedStep[];
}

const SIGNS: Readonly<Record<Label, string>> = {
  correct: '+',
  incorrect: '-',
  neutral: '0',
  unlabelled: ' ',
};
const LABELS = new Map(Object.entries(SIGNS).map(([label, sign]) => [sign, label as Label]));

/** The mark and one white space before it. */
const MARK = /(?:^|\s)\[([-+0 ])(?: (\d+(?:\.\d+)?(?:e-\d+)?))?\]$/;
/** What someone meant as a mark: signs, a word, 1 or -1, a sign with a number. `[2, 5]` and `[12]` are text. */
const LIKE_A_MARK =
  /(?:^|\s)(\[(?:[^\p{L}\p{N}\s[\]]{1,3}|\p{L}{1,12}|[-+]?[01](?:\.\d+)?|[-+0] *\d*\.?\d+)\])$/u;
const HEADING = /^(?:Problem|Step \d+):/;
/** What an indented line is indented by. */
const INDENT = /^(?: {1,2}|\t)/;

/** White space around the problem is left out, and line ends become `\n`; steps are kept to the letter. */
export function writeSteps({ problem, steps }: Trace): string {
  const parts = steps.map((step, index) => `${block(`Step ${index + 1}:`, marked(step))}\n`);
  if (problem.trim() !== '') parts.unshift(`${block('Problem:', problem.trim())}\n\n`);
  return parts.join('');
}

function marked({ text, label, soft }: Step): string {
  const needsMark =
    label !== 'unlabelled' || soft !== undefined || text.trimEnd() !== text || looksMarked(text);
  if (!needsMark) return text;
  const mark = `[${SIGNS[label]}${soft === undefined ? '' : ` ${soft}`}]`;
  return text === '' ? mark : `${text} ${mark}`;
}

function looksMarked(text: string): boolean {
  return MARK.test(text) || LIKE_A_MARK.test(text);
}

function block(heading: string, text: string): string {
  const [first = '', ...rest] = text.replace(/\r\n?/g, '\n').split('\n');
  const lines = rest.map((line) => (line === '' ? '' : `  ${line}`));
  return [first === '' ? heading : `${heading} ${first}`, ...lines].join('\n');
}

/**
 * Reads what `writeSteps` writes, also edited by hand: every line that is not indented begins the problem or a step.
 * @returns undefined where the document is written freely; `scoring/reasoningText.ts` reads that
 */
export function readSteps(document: string): StepsDocument | undefined {
  const blocks = readBlocks(document);
  if (blocks === undefined) return undefined;
  const [first] = blocks;
  const isProblem = first !== undefined && document.startsWith('Problem:', first.start);
  const steps = isProblem ? blocks.slice(1) : blocks;
  if (steps.length === 0 || steps.some(({ start }) => !document.startsWith('Step', start))) return undefined;
  return {
    problem: isProblem ? placed(document, first, first.content.trim()) : undefined,
    steps: steps.map((step) => readStep(document, step)),
  };
}

/** The trace that a document holds; undefined where it is written freely. */
export function readStepsTrace(document: string): Trace | undefined {
  const read = readSteps(document);
  if (read === undefined) return undefined;
  return {
    problem: read.problem?.text ?? '',
    steps: read.steps.map(({ text, mark }) => ({
      text,
      label: mark?.label ?? 'unlabelled',
      ...(mark?.soft === undefined ? {} : { soft: mark.soft }),
    })),
  };
}

/**
 * The mark that a piece of a document ends with, if it does, and how much text stands before it.
 * @param start offset of the piece in its document
 */
export function markAtEnd(piece: string, start: number): { mark: StepMark; textLength: number } | undefined {
  const found = MARK.exec(piece);
  if (found === null) return undefined;
  const [whole, sign = ' ', number] = found;
  const soft = number === undefined ? undefined : Number(number);
  if (soft !== undefined && soft > 1) return undefined;
  const mark: StepMark = {
    start: start + found.index + whole.indexOf('['),
    end: start + piece.length,
    label: LABELS.get(sign) ?? 'unlabelled',
    ...(soft === undefined ? {} : { soft }),
  };
  return { mark, textLength: found.index };
}

/** Brackets at the end of a piece of a document that look like a label and are none. */
export function unknownMarkAtEnd(piece: string, start: number): Place | undefined {
  const found = markAtEnd(piece, start) === undefined ? LIKE_A_MARK.exec(piece) : null;
  return found === null
    ? undefined
    : { start: start + piece.length - (found[1] ?? '').length, end: start + piece.length };
}

/** From a heading up to the last line that holds something. */
interface Block extends Place {
  /** Behind the heading, indents taken off. */
  content: string;
  contentStart: number;
}

function readBlocks(document: string): Block[] | undefined {
  const blocks: (Block & { lines: string[] })[] = [];
  for (let start = 0; start < document.length;) {
    const newline = document.indexOf('\n', start);
    const next = newline === -1 ? document.length : newline + 1;
    const line = document.slice(start, next).replace(/\r?\n$/, '');
    const isBlank = line.trim() === '';
    const heading = HEADING.exec(line)?.[0];
    const current = blocks.at(-1);
    if (heading !== undefined) {
      const lines = [line.slice(heading.length).replace(/^ /, '')];
      const contentStart = start + heading.length;
      blocks.push({ start, end: start + line.length, content: '', contentStart, lines });
    } else if (isBlank || INDENT.test(line)) {
      if (!isBlank && current === undefined) return undefined;
      current?.lines.push(line.replace(INDENT, ''));
      if (!isBlank && current !== undefined) current.end = start + line.length;
    } else return undefined;
    start = next;
  }
  for (const each of blocks) each.content = each.lines.join('\n').trimEnd();
  return blocks;
}

function readStep(document: string, step: Block): PlacedStep {
  const content = document.slice(step.contentStart, step.end).trimEnd();
  const end = step.contentStart + content.length;
  const inDocument = markAtEnd(content, step.contentStart);
  const text = markAtEnd(step.content, 0);
  if (inDocument === undefined || text === undefined) {
    const unknownMark = unknownMarkAtEnd(content, step.contentStart);
    const plain = placed(document, { ...step, end }, step.content);
    return unknownMark === undefined ? plain : { ...plain, unknownMark };
  }
  const before = { ...step, end: inDocument.mark.start };
  return { ...placed(document, before, step.content.slice(0, text.textLength)), mark: inDocument.mark };
}

function placed(document: string, { contentStart, end }: Block, text: string): PlacedText {
  const raw = document.slice(contentStart, end);
  const trimmed = raw.trim();
  const start = trimmed === '' ? end : contentStart + raw.indexOf(trimmed);
  return { text, start, end: start + trimmed.length };
}
