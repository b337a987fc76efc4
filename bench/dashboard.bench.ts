// The training dashboard over a run of 1,000,000 steps: the first read of its events, a chart of 2,000 points, a range,
// a look that finds one new event, and memory. "blocked" is the longest time that nothing else had its turn.
// `npm run bench dashboard`; BENCH_STEPS takes another number of steps.
import { appendFile, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RunBook } from '../server/src/language/runBook.ts';
import { seededRandom } from '../server/src/support/random.ts';
import { evaluation, eventLines, start, step } from '../test/support/runEvents.ts';

const steps = Number(process.env.BENCH_STEPS ?? 1_000_000);
const POINTS = 2000;
const ROUNDS = 9;
/** Steps between two evaluations. */
const EVALUATED_EVERY = 1000;

const folder = await mkdtemp(path.join(tmpdir(), 'bench-dashboard-'));
try {
  const file = path.join(folder, 'events.jsonl');
  await writeEvents(file);
  const megabytes = (await stat(file)).size / 1e6;
  console.log(`${steps.toLocaleString('en')} steps, events.jsonl of ${megabytes.toFixed(0)} MB`);

  const book = new RunBook();
  const before = memory();
  const read = await measured(() => book.of(folder).look());
  console.log(
    `first read        ${read.milliseconds.toFixed(0)} ms (${read.processor.toFixed(0)} ms of processor time), ` +
      `blocked ${read.blocked.toFixed(0)} ms at most`,
  );
  const after = memory();
  console.log(
    `memory            ${(book.bytes / 1e6).toFixed(0)} MB of columns; process grew by ${(after - before).toFixed(0)} MB`,
  );
  await chart('chart, all steps', undefined);
  await chart('chart, a tenth', { from: Math.round(steps * 0.4), to: Math.round(steps * 0.5) });
  const grown: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    await appendFile(file, eventLines(step(steps + round)));
    grown.push((await measured(() => book.of(folder).look())).milliseconds);
  }
  console.log(`one more event    ${median(grown).toFixed(1)} ms`);

  async function chart(name: string, range: { from: number; to: number } | undefined): Promise<void> {
    const times: number[] = [];
    const processor: number[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const chart = await measured(() => book.chart(folder, POINTS, range));
      times.push(chart.milliseconds);
      processor.push(chart.processor);
      bytes = JSON.stringify(chart.result).length;
    }
    const [least, most] = [Math.min(...times), Math.max(...times)];
    console.log(
      `${name.padEnd(17)} ${median(times).toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)}; ` +
        `${median(processor).toFixed(0)} ms of processor time), ${(bytes / 1e3).toFixed(0)} kB`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}

/** As a run writes them: figures with all their digits. */
async function writeEvents(file: string): Promise<void> {
  const random = seededRandom(1);
  const handle = await open(file, 'w');
  try {
    let text = eventLines({ ...start(0), totalSteps: steps });
    for (let number = 1; number <= steps; number++) {
      const noise = random.float();
      const more = {
        totalSteps: steps,
        loss: 0.7 / Math.sqrt(number) + 0.1 * noise,
        accuracy: 1 - 0.3 * noise,
        learningRate: 5e-4 * (1 - number / steps),
        gradientNorm: 1 + noise,
        tokensPerSecond: 3900 + 100 * noise,
        secondsLeft: (steps - number) / 1.7,
        memoryBytes: 1_234_567_890 + number,
        examples: 16 * number,
      };
      text += eventLines(step(number, more));
      if (number % EVALUATED_EVERY === 0) text += eventLines(evaluation(number, 1 - 0.3 * noise));
      if (text.length > 1e6) {
        await handle.appendFile(text);
        text = '';
      }
    }
    await handle.appendFile(text);
  } finally {
    await handle.close();
  }
}

/** Beside how long it took: the longest time between two turns of a timer that asks for one at once. */
async function measured<T>(
  work: () => Promise<T>,
): Promise<{ result: T; milliseconds: number; processor: number; blocked: number }> {
  let [blocked, last] = [0, performance.now()];
  const turn = (): void => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
  };
  const timer = setInterval(turn, 0);
  const begun = performance.now();
  const usage = process.cpuUsage();
  const result = await work();
  const milliseconds = performance.now() - begun;
  const { user, system } = process.cpuUsage(usage);
  turn();
  clearInterval(timer);
  return { result, milliseconds, processor: (user + system) / 1000, blocked };
}

/** Megabytes that this process has, after what nobody holds was given back. */
function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
