// One row as a trace: a slice of its steps with labels and the verdicts of their equations, and the row as JSON.
import type {
  ChangeView,
  EquationMark,
  SampledAnswer,
  StepLabel,
  TraceStepView,
  TraceView,
} from '../../../../protocol/src/datasets.ts';
import { findEquations } from '../../models/arithmetic/index.ts';
import { isFault, type Fields, type LayoutRow } from '../layouts/layout.ts';
import type { SourceRow } from '../rowSource.ts';
import type { Step, Trace } from '../trace.ts';
import type { RowReader } from './cells.ts';
import { jsonText } from './jsonText.ts';
import { textStart } from './visibleText.ts';

/** Steps of a slice. */
const SLICE_STEPS = 200;
const PROBLEM_CHARACTERS = 100_000;
const ANSWER_CHARACTERS = 20_000;
const STEP_CHARACTERS = 20_000;
const JSON_CHARACTERS = 200_000;
/** Characters of a slice that are searched for equations, from its first step on: about a quarter of a second. */
const EQUATION_CHARACTERS = 150_000;
/** Equations shown of one step. */
const STEP_EQUATIONS = 100;
const EXPLANATION_CHARACTERS = 300;
const STRATEGY_CHARACTERS = 100;
/** An equation so near to where a text was cut may go on behind the cut. */
const NEAR_CUT = 200;

interface Slice {
  /** Path of the row, 0-based; the last one where there are fewer. */
  trace?: number | undefined;
  /** 0-based. */
  firstStep?: number | undefined;
}

/**
 * @param position 0-based place in the file
 * @param read reads the row's layout; undefined where the file has none
 */
export function traceViewOf(
  row: SourceRow,
  position: number,
  read: RowReader | undefined,
  slice: Slice = {},
): TraceView {
  const { number, fields, fault } = row;
  if (fields === undefined) {
    const line = textStart(row.text ?? '', JSON_CHARACTERS);
    return { position, number, fault: fault ?? { reason: 'the row is empty' }, json: line };
  }
  const { text, cut } = jsonText(fields, { limit: JSON_CHARACTERS, indent: 2 });
  const view: TraceView = { position, number, json: text, ...(cut ? { jsonCut: true } : {}) };
  if (read === undefined) return { ...view, fault: { reason: 'no layout fits the file' } };
  const layoutRow = read(fields);
  if (isFault(layoutRow)) return { ...view, fault: layoutRow };
  const trace = sliceOf(layoutRow, slice);
  if (trace === undefined) return { ...view, fault: { reason: 'no steps' } };
  const change = changeOf(fields);
  const sampled = sampledOf(fields);
  return {
    ...view,
    trace: {
      ...trace,
      ...(change === undefined ? {} : { change }),
      ...(sampled === undefined ? {} : { sampled }),
    },
  };
}

/** What the columns beside the trace say that `prm generate sample` writes; undefined where they are not its own. */
function sampledOf({ sampled_answer: answer, answer_correct: isRight }: Fields): SampledAnswer | undefined {
  if (answer === undefined || (isRight !== null && typeof isRight !== 'boolean')) return undefined;
  return {
    ...(typeof answer === 'string' ? { answer: textStart(answer, ANSWER_CHARACTERS) } : {}),
    isRight,
  };
}

/** What the columns beside the trace say that `prm generate corrupt` writes; undefined where they are not its own. */
function changeOf({
  strategy,
  error_step: index,
  consistent,
  before,
  after,
}: Fields): ChangeView | undefined {
  const step = typeof index === 'bigint' ? Number(index) : index;
  if (typeof strategy !== 'string' || typeof consistent !== 'boolean' || !isIndex(step)) return undefined;
  return {
    strategy: textStart(strategy, STRATEGY_CHARACTERS),
    step: step + 1,
    consistent,
    ...(typeof before === 'string' ? { before: textStart(before, STEP_CHARACTERS) } : {}),
    ...(typeof after === 'string' ? { after: textStart(after, STEP_CHARACTERS) } : {}),
  };
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function sliceOf(row: LayoutRow, { trace = 0, firstStep = 0 }: Slice): TraceView['trace'] {
  const index = Math.min(trace, row.traces.length - 1);
  const path = row.traces[index];
  if (path === undefined) return undefined;
  const { problem, steps, alternativeAt } = path;
  return {
    problem: textStart(problem, PROBLEM_CHARACTERS),
    ...(row.wrapper === undefined ? {} : { wrapper: row.wrapper }),
    index,
    count: row.traces.length,
    ...(alternativeAt === undefined ? {} : { alternativeAt: alternativeAt + 1 }),
    ...(row.answer === undefined ? {} : { answer: textStart(row.answer, ANSWER_CHARACTERS) }),
    totalSteps: steps.length,
    firstStep,
    steps: stepViews(steps.slice(firstStep, firstStep + SLICE_STEPS), firstStep),
    ...judged(path),
  };
}

function stepViews(steps: readonly Step[], firstStep: number): TraceStepView[] {
  let toSearch = EQUATION_CHARACTERS;
  return steps.map((step, place) => {
    const view = stepView(step, firstStep + place + 1);
    if (toSearch >= view.text.length) view.equations = equationsOf(view);
    toSearch -= view.text.length;
    return view;
  });
}

/** What the labels of a whole path say. */
function judged({ steps }: Trace): { firstError: number | null; labels: Record<StepLabel, number> } {
  const labels = { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 };
  let firstError: number | null = null;
  for (const [index, { label }] of steps.entries()) {
    labels[label]++;
    if (label === 'incorrect') firstError ??= index + 1;
  }
  return { firstError, labels };
}

function stepView({ text, label, soft }: Step, number: number): TraceStepView {
  const shown = textStart(text, STEP_CHARACTERS);
  return {
    number,
    text: shown,
    ...(shown.length < text.length ? { cut: true } : {}),
    label,
    ...(soft === undefined ? {} : { soft }),
    equations: [],
  };
}

function equationsOf({ text, cut }: TraceStepView): EquationMark[] {
  const upTo = cut ? text.length - NEAR_CUT : text.length;
  return findEquations(text)
    .filter(({ end }) => end <= upTo)
    .slice(0, STEP_EQUATIONS)
    .map(({ start, end, verdict, explanation }) => ({
      start,
      end,
      verdict,
      explanation: textStart(explanation, EXPLANATION_CHARACTERS),
    }));
}
