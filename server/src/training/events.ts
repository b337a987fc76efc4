// events.jsonl: what a run says about itself, one JSON object a line, appended as it happens.
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { RunEvent, StepEvent } from '../../../protocol/src/runs.ts';
import { metricsSchema } from '../models/modelFiles.ts';
import { systemErrorCode } from '../support/errors.ts';
import { writeFailure } from './files.ts';

const count = z.int().nonnegative();
const time = z.iso.datetime();

/** Every event but the step, which comes too often for a schema: `asStep` checks it. */
const otherEventSchema: z.ZodType<Exclude<RunEvent, StepEvent>> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    time,
    pid: z.int().positive(),
    totalSteps: count,
    fromStep: count,
    parameters: count,
    device: z.string(),
    stages: z.array(z.object({ name: z.string(), steps: count })).exactOptional(),
  }),
  z.object({
    type: z.literal('evaluation'),
    time,
    step: count,
    epoch: count,
    split: z.literal('validation'),
    metrics: metricsSchema,
    best: z.boolean(),
    report: z.string().exactOptional(),
  }),
  z.object({ type: z.literal('checkpoint'), time, step: count, folder: z.string() }),
  z.object({
    type: z.literal('end'),
    time,
    state: z.enum(['done', 'stopped', 'failed']),
    step: count,
    message: z.string().exactOptional(),
  }),
]);

/** Fields of a step event that hold any finite number. */
const STEP_NUMBERS = [
  'loss',
  'learningRate',
  'gradientNorm',
  'tokensPerSecond',
  'stepsPerSecond',
  'secondsLeft',
] as const satisfies (keyof StepEvent)[];
/** Fields of a step event that count something. */
const STEP_COUNTS = ['step', 'totalSteps', 'epoch', 'memoryBytes'] as const satisfies (keyof StepEvent)[];

/** The step event that a line's JSON is; undefined where a field is missing or of another kind. By hand: see above. */
function asStep(value: Record<string, unknown>): StepEvent | undefined {
  const { accuracy, examples, stage } = value;
  const isStep =
    typeof value.time === 'string' &&
    !Number.isNaN(Date.parse(value.time)) &&
    STEP_NUMBERS.every((name) => Number.isFinite(value[name])) &&
    STEP_COUNTS.every((name) => isCount(value[name])) &&
    typeof accuracy === 'number' &&
    accuracy >= 0 &&
    accuracy <= 1 &&
    (examples === undefined || isCount(examples)) &&
    (stage === undefined || typeof stage === 'string');
  // Every field was looked at above.
  return isStep ? (value as unknown as StepEvent) : undefined;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An append-only `events.jsonl` that is open for writing. */
export class EventLog {
  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
  ) {}

  /** Opens or makes the file. A last line that was cut short (killed while writing) is removed first. */
  static async open(file: string): Promise<EventLog> {
    try {
      await removeHalfLine(file);
      return new EventLog(file, await open(file, 'a'));
    } catch (error) {
      throw writeFailure(file, error);
    }
  }

  /** @throws PrmError where the file cannot be written, a full disk for one */
  async append(event: RunEvent): Promise<void> {
    try {
      await this.handle.appendFile(`${JSON.stringify(event)}\n`);
    } catch (error) {
      throw writeFailure(this.file, error);
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/**
 * Events of a run, in the order they were written. Lines that are no event (cut short by a kill, or written by a
 * newer version) are counted, not thrown: a run that can still be read should be shown.
 */
export async function readEvents(file: string): Promise<{ events: RunEvent[]; unreadableLines: number }> {
  const events: RunEvent[] = [];
  let unreadableLines = 0;
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    if (line === '') continue;
    const event = parseEvent(line);
    if (event === undefined) unreadableLines++;
    else events.push(event);
  }
  return { events, unreadableLines };
}

/** The event that a line holds; undefined for a line that is none. */
export function parseEvent(line: string): RunEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // Not JSON: the caller counts it.
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if ('type' in value && value.type === 'step') return asStep(value);
  return otherEventSchema.safeParse(value).data;
}

/** Longer than any line: where a file's last line end must lie if it has one. */
const TAIL_BYTES = 65_536;

async function removeHalfLine(file: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r+');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const tail = Buffer.alloc(size - start);
    await handle.read(tail, 0, tail.length, start);
    const end = start + tail.lastIndexOf('\n') + 1;
    if (end < size) await handle.truncate(end);
  } finally {
    await handle.close();
  }
}
