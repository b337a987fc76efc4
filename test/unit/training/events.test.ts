// events.jsonl: appended line by line, read back as written, whole again after a kill in the middle of a line.
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../protocol/src/runs.ts';
import { EventLog, readEvents } from '../../../server/src/training/events.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-events-'));
  file = path.join(folder, 'events.jsonl');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const time = '2026-01-01T00:00:00.000Z';
const events: RunEvent[] = [
  {
    type: 'start',
    time,
    pid: 1,
    totalSteps: 10,
    fromStep: 0,
    parameters: 7_000_000,
    device: 'cpu',
    stages: [{ name: 'head', steps: 4 }],
  },
  {
    type: 'step',
    time,
    step: 1,
    totalSteps: 10,
    epoch: 0,
    loss: 0.7,
    accuracy: 0.5,
    learningRate: 1e-4,
    gradientNorm: 2,
    tokensPerSecond: 3900,
    stepsPerSecond: 1,
    secondsLeft: 9,
    memoryBytes: 1e9,
    examples: 16,
    stage: 'head',
  },
  {
    type: 'evaluation',
    time,
    step: 1,
    epoch: 0,
    split: 'validation',
    metrics: {
      steps: 4,
      incorrect: 0,
      loss: 0.6,
      accuracy: 1,
      balancedAccuracy: null,
      f1Incorrect: null,
      auroc: null,
      majorityAccuracy: 1,
    },
    best: true,
    report: 'evaluations/step-1.json',
  },
  { type: 'checkpoint', time, step: 1, folder: 'checkpoint-1' },
  { type: 'end', time, state: 'stopped', step: 1, message: 'why' },
];

async function write(list: readonly RunEvent[]): Promise<void> {
  const log = await EventLog.open(file);
  for (const event of list) await log.append(event);
  await log.close();
}

describe('EventLog', () => {
  it('keeps every event, over several openings', async () => {
    await write(events.slice(0, 2));
    await write(events.slice(2));
    expect(await readEvents(file)).toEqual({ events, unreadableLines: 0 });
  });

  it('removes a last line that was cut short, before it writes behind it', async () => {
    await write(events.slice(0, 2));
    await appendFile(file, '{"type":"st');
    expect(await readEvents(file)).toEqual({ events: events.slice(0, 2), unreadableLines: 1 });
    await write(events.slice(2));
    expect(await readEvents(file)).toEqual({ events, unreadableLines: 0 });
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    const log = await EventLog.open('/dev/full');
    await expect(log.append({ type: 'checkpoint', time, step: 1, folder: 'x' })).rejects.toThrow(
      '/dev/full: The disk is full. Free some space, then go on with --resume.',
    );
    await log.close();
  });
});

describe('readEvents', () => {
  it('counts lines that are no event of this version', async () => {
    await writeFile(file, `${JSON.stringify({ type: 'party', time })}\n${JSON.stringify(events[0])}\n[1]\n`);
    expect(await readEvents(file)).toEqual({ events: events.slice(0, 1), unreadableLines: 2 });
    expect(await readFile(file, 'utf8')).toContain('party');
  });

  it.each([
    ['a figure that is missing', { loss: undefined }],
    ['a figure that is none', { gradientNorm: null }],
    ['a share above 1', { accuracy: 1.5 }],
    ['a broken count', { step: 1.5 }],
    ['a number that is too large for a count', { memoryBytes: 1e300 }],
    ['no time', { time: 'yesterday evening' }],
    ['a stage that is no name', { stage: 3 }],
    ['examples below none', { examples: -1 }],
  ])('takes no step with %s', async (_, wrong) => {
    const lines = [events[1], { ...events[1], ...wrong }].map((event) => JSON.stringify(event));
    await writeFile(file, lines.join('\n'));
    expect(await readEvents(file)).toEqual({ events: [events[1]], unreadableLines: 1 });
  });
});
