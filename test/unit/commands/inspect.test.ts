// `prm inspect` as a person types it: text, JSON, rows, statuses.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectCommand } from '../../../server/src/commands/inspect.ts';
import { readRowRange } from '../../../server/src/commands/rowRange.ts';
import { runCommandLine } from '../../../server/src/commands/run.ts';
import { writeJsonl } from '../../support/stepwise.ts';

const ROOT = path.join(import.meta.dirname, '../../..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'inspect-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function prm(argv: string[], { colour = false, signal = new AbortController().signal } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([textOf(stdout), textOf(stderr)]);
  const status = await runCommandLine(['inspect', ...argv], [inspectCommand], '0', {
    signal,
    stdout,
    stderr,
    colour,
    interactive: false,
    environment: {},
  });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { status, out, err };
}

interface Json {
  rows: number;
  steps: number;
  layout: { layout: string; evidence: string[] };
  traces?: {
    number: number;
    trace?: { steps: { text: string; label: string }[] };
    fault?: { reason: string };
  }[];
}

const sound = {
  prompt: 'How many?',
  completions: ['1 + 1 = 2', '2 + 2 = 5', 'So 5.'],
  labels: [true, false, null],
};

function written(name: string, rows: readonly unknown[]): string {
  const file = path.join(folder, name);
  writeJsonl(file, rows);
  return file;
}

describe('prm inspect', () => {
  it('shows what the bundled sample holds', async () => {
    const { status, out, err } = await prm([path.join(ROOT, 'samples/gsm8k-stepwise-sample.parquet')]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('Layout        TRL stepwise supervision\n');
    expect(out).toContain('Rows          5,998\n');
    expect(out).toContain('Problems      880\n');
    expect(out).toContain('Steps         31,614 in 5,998 paths');
    expect(out).toMatch(
      /^Labels {8}correct {5}23,011 {3}72\.8 % {2}█{30}\n {14}incorrect {4}8,603 {3}27\.2 % {2}█{11}$/m,
    );
    expect(out).toMatch(/^Faulty rows {3}none$/m);
    expect(out).not.toContain('\u001b');
  });

  it('prints the summary as one JSON object, with the rows where they are asked for', async () => {
    const file = written('rows.jsonl', [sound, sound, sound]);
    const summary = JSON.parse((await prm([file, '--json'])).out) as Json;
    expect(summary).toMatchObject({ rows: 3, steps: 9, paths: 3, layout: { layout: 'trl-stepwise' } });
    expect(summary).not.toHaveProperty('traces');
    const { traces, ...rest } = JSON.parse((await prm([file, '--json', '--rows', '2:3'])).out) as Json;
    expect(Object.keys(rest)).toEqual(Object.keys(summary));
    expect(traces?.map(({ number }) => number)).toEqual([2, 3]);
    expect(traces?.[0]?.trace?.steps.map(({ label }) => label)).toEqual([
      'correct',
      'incorrect',
      'unlabelled',
    ]);
  });

  it('shows rows as traces', async () => {
    const file = written('traces.jsonl', [sound, { ...sound, labels: [true] }, 'not JSON']);
    const { out } = await prm([file, '--rows', ':']);
    expect(out.slice(out.indexOf('Line 1'))).toMatchInlineSnapshot(`
      "Line 1
        Problem: How many?
          1 + correct     1 + 1 = 2
                          ✓ 1 + 1 = 2 holds
      >   2 - incorrect   2 + 2 = 5
                          ^ the first incorrect step
                          ✗ 2 + 2 = 5 fails: the left side is 4
          3   unlabelled  So 5.

      Line 2
        lists of different length (3 completions, 1 labels)
        {
          "prompt": "How many?",
          "completions": [
            "1 + 1 = 2",
            "2 + 2 = 5",
            "So 5."
          ],
          "labels": [
            true
          ]
        }

      Line 3
        the line is not JSON (Unexpected token 'o', "not JSON" is not valid JSON)
        not JSON

      "
    `);
  });

  it('shows the alternatives of a row as paths of their own', async () => {
    const { out } = await prm([
      path.join(ROOT, 'test/fixtures/datasets/prm800k/raw-6-rows.jsonl'),
      '--rows',
      '1',
    ]);
    expect(out).toContain('Line 1, path 1 of 10\n  Problem: Three pencils and a jumbo eraser');
    expect(out).toContain(
      'Line 1, path 2 of 10\n  The steps before step 2 are those of an earlier path.\n>   2 - incorrect',
    );
    expect(out).toContain('0 neutral');
    expect(out).toContain('  Reference answer: 29\n');
  });

  it('shows the beginning of a long row, and how much more there is', async () => {
    const steps = Array.from({ length: 1000 }, (_, step) => `Step text ${step}`);
    const attempts = Array.from({ length: 30 }, (_, attempt) => `So ${attempt}.\n#### ${attempt}`);
    const long = { prompt: 'p', completions: steps, labels: steps.map(() => 0.75) };
    const file = written('long.jsonl', [long]);
    const { out } = await prm([file, '--rows', '1']);
    expect(out).toContain('  200 + correct    0.75  Step text 199\n  … and 800 more steps\n');
    const many = written('many.jsonl', [
      { prompt: 'p', completions: attempts, labels: attempts.map(() => true) },
    ]);
    expect((await prm([many, '--rows', '1'])).out).toContain('path 20 of 30');
    expect((await prm([many, '--rows', '1'])).out).toContain('… and 10 more paths of this row');
  });

  it('never lets text of the data steer the terminal', async () => {
    const evil = '\u001b[2Jx\u0007\u009b31m\u202eabc\rover';
    const row = { prompt: evil, completions: [evil], labels: [evil], [evil]: evil };
    const file = written('evil.jsonl', [row, { prompt: evil, completions: [evil], labels: [1] }]);
    for (const argv of [
      [file],
      [file, '--rows', '1:2'],
      [file, '--layout', 'gsm8k'],
      [file, '--rows', '1', '--layout', 'processbench'],
    ]) {
      const { status, out } = await prm(argv);
      expect(status).toBe(0);
      // eslint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });

  it('colours only where it may', async () => {
    const file = written('colour.jsonl', [sound]);
    expect((await prm([file, '--rows', '1'], { colour: true })).out).toContain('\u001b[31m');
    expect((await prm([file], { colour: true })).out).toContain('\u001b[');
  });

  it('can read a file with broken rows, and names them', async () => {
    const file = written('broken.jsonl', [sound, '{"prompt":', { ...sound, labels: [true] }, sound]);
    const { status, out } = await prm([file]);
    expect(status).toBe(0);
    expect(out).toMatch(/× the line is not JSON, row 2/);
    expect(out).toMatch(/× .*length.*, row 3/);
  });

  it('shows the line that a person names, also behind blank lines', async () => {
    const file = path.join(folder, 'blank.jsonl');
    writeFileSync(
      file,
      `${JSON.stringify(sound)}\n\n\n${JSON.stringify({ ...sound, prompt: 'On line four?' })}\n`,
    );
    expect((await prm([file, '--rows', '4'])).out).toContain('Line 4\n  Problem: On line four?');
    expect(await prm([file, '--rows', '2'])).toMatchObject({ status: 2 });
  });

  it.each([
    [['none.parquet'], /^prm: .*none\.parquet.*no such file.*\n$/],
    [[ROOT], /folder/],
    [['x.jsonl', '--rows', '3:1'], /write 1:3/],
    [['x.jsonl', '--rows', '0'], /The first row is 1/],
    [['x.jsonl', '--rows', 'a:b'], /Write A:B/],
    [['x.jsonl', '--layout', 'csv'], /Allowed choices/],
  ])('refuses %j', async (argv, message) => {
    const { status, out, err } = await prm(argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('refuses a file without one readable byte of data in one line', async () => {
    const file = path.join(folder, 'cut.parquet');
    writeFileSync(file, 'PAR1 and nothing more');
    const { status, err } = await prm([file]);
    expect(status).toBe(2);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says that there are no such rows', async () => {
    const file = written('few.jsonl', [sound]);
    const { status, err } = await prm([file, '--rows', '5:9']);
    expect(status).toBe(2);
    expect(err).toMatch(/the file has no rows 5 to 9/);
    // A range may reach behind the end.
    expect((await prm([file, '--rows', '1:9'])).status).toBe(0);
  });

  it('stops when asked', async () => {
    const file = written('stop.jsonl', [sound]);
    expect(await prm([file], { signal: AbortSignal.abort() })).toMatchObject({ status: 130, out: '' });
  });
});

describe('readRowRange', () => {
  it.each([
    ['3:7', 3, 7],
    ['3:', 3, Infinity],
    [':7', 1, 7],
    [':', 1, Infinity],
    ['3', 3, 3],
    [' 1_000 : 2,000 ', 1000, 2000],
  ])('reads %s', (text, from, to) => {
    expect(readRowRange(text)).toEqual({ from, to });
  });

  it.each([[''], ['-1'], ['1:2:3'], ['1-2'], ['0:4'], [':0'], ['7:3'], ['1.5'], ['99999999999999999999']])(
    'refuses "%s"',
    (text) => {
      expect(() => readRowRange(text)).toThrow();
    },
  );
});
