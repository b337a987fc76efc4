// Reads formatted step examples back as reasoning paths, so that training sees every path once and in one pass.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { PrmError, systemErrorCode, throwIfCancelled } from '../support/errors.ts';
import type { Example, Step, Trace } from './trace.ts';

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
  const paths = new PathJoiner();
  try {
    let number = 0;
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
      number++;
      if (number % 1024 === 0) throwIfCancelled(signal);
      if (line !== '') paths.add(readExample(line, `${path}, line ${number}`));
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      const remedy = 'Give a folder made by prm format.';
      throw new PrmError({ where: path, what: 'there is no such file', remedy, cause: error });
    }
    throw error;
  }
  for (const trace of paths.traces) {
    throwIfCancelled(signal);
    yield trace;
  }
}

class PathJoiner {
  /** In the order of their first examples. */
  readonly traces: Trace[] = [];
  /** By problem, then by total steps: the paths that an example may belong to. */
  private readonly byProblem = new Map<string, Map<number, Trace[]>>();
  private last: { trace: Trace; total: number } | undefined;

  add(example: Example): void {
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
function accept({ steps }: Trace, { reasoning_path: path, step_index: index, label }: Example): boolean {
  if (index < steps.length && steps[index]?.label !== 'unlabelled') return false;
  const shared = Math.min(steps.length, path.length);
  for (let position = shared - 1; position >= 0; position--) {
    if (steps[position]?.text !== path[position]) return false;
  }
  for (const text of path.slice(shared)) steps.push({ text, label: 'unlabelled' });
  const step: Step | undefined = steps[index];
  if (step !== undefined) step.label = label === 1 ? 'correct' : 'incorrect';
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

/** @returns the first field that breaks the contract */
function brokenField(value: unknown): keyof Example | undefined {
  const example = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof Example, unknown>
  >;
  const { problem, step, previous_steps: previous, reasoning_path: path, step_index: index } = example;
  if (typeof problem !== 'string') return 'problem';
  if (typeof step !== 'string') return 'step';
  if (!isTextList(path)) return 'reasoning_path';
  if (!isTextList(previous) || previous.length !== path.length - 1) return 'previous_steps';
  if (path.at(-1) !== step) return 'reasoning_path';
  if (example.label !== 0 && example.label !== 1) return 'label';
  if (index !== previous.length) return 'step_index';
  const total = example.total_steps;
  return Number.isInteger(total) && Number(total) > index ? undefined : 'total_steps';
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
