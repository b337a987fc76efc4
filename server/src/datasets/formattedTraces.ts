// Reads formatted step examples back as reasoning paths, so that training sees every path once and in one pass.
import { createReadStream } from 'node:fs';
import { PrmError, systemErrorCode, throwIfCancelled } from '../support/errors.ts';
import { faultAt, shown } from './layouts/fields.ts';
import type { RowFault } from './rowSource.ts';
import type { Example, Step, Trace } from './trace.ts';

const CHUNK_BYTES = 1 << 20;

/**
 * Joins the examples of a file made by `prm format` (or of the same contract) into paths. A step whose example is
 * missing (balancing dropped it) comes as `unlabelled`; steps after a path's last example are not in the file at all.
 * Every example is in exactly one path, with exactly the steps before it that its line names; examples may come in
 * any order. All distinct text is held in memory: about the size of the source, not of the formatted file.
 * @throws PrmError with file and line where a line breaks the contract; CancelledError where the signal was aborted
 */
export async function* readTraces(
  path: string,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<Trace> {
  const joiner = new ExampleJoiner();
  try {
    let number = 0;
    for await (const line of linesOf(path)) {
      number++;
      if (number % 1024 === 0) throwIfCancelled(signal);
      if (line.trim() !== '') joiner.addChecked(readExample(line, `${path}, line ${number}`));
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      const remedy = 'Give a folder made by prm format.';
      throw new PrmError({ where: path, what: 'there is no such file', remedy, cause: error });
    }
    throw error;
  }
  for (const trace of joiner.traces) {
    throwIfCancelled(signal);
    yield trace;
  }
}

/** Not `node:readline`: it also breaks lines at U+2028 and U+2029, which may stand in a JSON text as they are. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let begun = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
    const lines = `${begun}${chunk as string}`.split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  if (begun !== '') yield begun;
}

/** Joins examples one by one, from a file of any kind, as `readTraces` does. */
export class ExampleJoiner {
  /** In the order of their first examples. Complete once all examples are there. */
  readonly traces: Trace[] = [];
  /** By problem, then by total steps: the paths that an example may belong to. */
  private readonly byProblem = new Map<string, Map<number, Trace[]>>();
  private last: { trace: Trace; total: number } | undefined;

  /** @returns why the row is no example, and was not added */
  add(fields: Record<string, unknown>): RowFault | undefined {
    const fault = exampleFault(fields);
    if (fault !== undefined) return fault;
    // Checked field by field just now, by hand: a schema takes several times as long for each of millions.
    const example = fields as unknown as Example;
    // Whole numbers of a Parquet file may be int64.
    this.addChecked({
      ...example,
      label: Number(example.label) === 1 ? 1 : 0,
      step_index: Number(example.step_index),
      total_steps: Number(example.total_steps),
    });
    return undefined;
  }

  addChecked(example: Example): void {
    const { problem, total_steps: total } = example;
    if (
      this.last?.total === total &&
      this.last.trace.problem === problem &&
      accept(this.last.trace, example)
    ) {
      return;
    }
    let byTotal = this.byProblem.get(problem);
    if (byTotal === undefined) this.byProblem.set(problem, (byTotal = new Map<number, Trace[]>()));
    let candidates = byTotal.get(total);
    if (candidates === undefined) byTotal.set(total, (candidates = []));
    let trace = candidates.find((candidate) => accept(candidate, example));
    if (trace === undefined) {
      trace = { problem, steps: [] };
      accept(trace, example);
      candidates.push(trace);
      this.traces.push(trace);
    }
    this.last = { trace, total };
  }
}

/** Puts the example into the path where their steps agree and its place is still without a label. */
function accept(
  { steps }: Trace,
  { reasoning_path: path, step_index: index, label, soft }: Example,
): boolean {
  if (index < steps.length && steps[index]?.label !== 'unlabelled') return false;
  const shared = Math.min(steps.length, path.length);
  for (let position = shared - 1; position >= 0; position--) {
    if (steps[position]?.text !== path[position]) return false;
  }
  for (const text of path.slice(shared)) steps.push({ text, label: 'unlabelled' });
  const step: Step | undefined = steps[index];
  if (step !== undefined) step.label = label === 1 ? 'correct' : 'incorrect';
  if (step !== undefined && soft != null) step.soft = soft;
  return true;
}

/** Checked by hand: a formatted file has hundreds of thousands of lines. */
function readExample(line: string, where: string): Example {
  const remedy = 'Format the dataset again.';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new PrmError({ where, what: 'the line is not JSON', remedy, cause: error });
  }
  const broken = brokenField(value);
  if (broken === undefined) return value as Example;
  throw new PrmError({ where, what: `the example's \`${broken}\` is missing or of the wrong kind`, remedy });
}

/** @returns why the row is no example of the contract; whole numbers may be bigint there (Parquet's int64) */
export function exampleFault(fields: Record<string, unknown>): RowFault | undefined {
  const broken = brokenField(fields);
  if (broken === undefined) return undefined;
  const reason = `the example's \`${broken}\` is missing or of the wrong kind`;
  return faultAt([broken], reason, fields[broken] == null ? undefined : shown(fields[broken]));
}

/** @returns the first field that breaks the contract */
function brokenField(value: unknown): keyof Example | undefined {
  const example = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof Example, unknown>
  >;
  const { problem, step, previous_steps: previous, reasoning_path: path } = example;
  if (typeof problem !== 'string') return 'problem';
  if (typeof step !== 'string') return 'step';
  if (!isTextList(path)) return 'reasoning_path';
  if (!isTextList(previous) || previous.length !== path.length - 1) return 'previous_steps';
  if (path.at(-1) !== step) return 'reasoning_path';
  const label = plainNumber(example.label);
  if (label !== 0 && label !== 1) return 'label';
  const { soft } = example;
  // Parquet has null where a row has none.
  if (soft != null && !(typeof soft === 'number' && soft >= 0 && soft <= 1)) return 'soft';
  const index = plainNumber(example.step_index);
  if (index !== previous.length) return 'step_index';
  const total = plainNumber(example.total_steps);
  return Number.isInteger(total) && Number(total) > index ? undefined : 'total_steps';
}

function plainNumber(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
