// events.jsonl: what a run says about itself, one JSON object a line, appended as it happens.
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { metricsSchema } from '../models/modelFiles.ts';
import { systemErrorCode } from '../support/errors.ts';
import { writeFailure } from './files.ts';

const count = z.int().nonnegative();
const rate = z.number().min(0).max(1);
const time = z.iso.datetime();

const runEventSchema: z.ZodType<RunEvent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    time,
    pid: z.int().positive(),
    totalSteps: count,
    fromStep: count,
    parameters: count,
    device: z.string(),
  }),
  z.object({
    type: z.literal('step'),
    time,
    step: count,
    totalSteps: count,
    epoch: count,
    loss: z.number(),
    accuracy: rate,
    learningRate: z.number(),
    gradientNorm: z.number(),
    tokensPerSecond: z.number(),
    stepsPerSecond: z.number(),
    secondsLeft: z.number(),
    memoryBytes: count,
  }),
  z.object({
    type: z.literal('evaluation'),
    time,
    step: count,
    epoch: count,
    split: z.literal('validation'),
    metrics: metricsSchema,
    best: z.boolean(),
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
  try {
    return runEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // Not JSON: the caller counts it.
  }
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
