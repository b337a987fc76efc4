// Bad files over the command line: each command answers with rows or with one clear line, in bounded memory and time.
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runPrm, type Ended } from '../../support/prm.ts';

/** The bound for the editor's server; the command line keeps to it too. */
const MOST_MEGABYTES = 400;

const ROW =
  '{"prompt":"What is 1 + 1?","completions":["1 + 1 = <<1+1=2>>2","#### 2"],"labels":[true,false]}\n';
const PARQUET = readFileSync(
  path.resolve(import.meta.dirname, '../../../samples/gsm8k-stepwise-sample.parquet'),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bad-input-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, ...parts: (string | Uint8Array)[]): string {
  const target = path.join(folder, name);
  writeFileSync(target, '');
  for (const part of parts) appendFileSync(target, part);
  return name;
}

async function inspect(name: string, ...more: string[]): Promise<Ended> {
  const ended = await runPrm(['inspect', name, ...more], { cwd: folder });
  expect(ended.peakMegabytes, 'memory').toBeLessThan(MOST_MEGABYTES);
  return ended;
}

/** What both commands say of a file that cannot be read. */
async function refusal(name: string): Promise<string> {
  const ended = await inspect(name);
  expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status: 2, stdout: '' });
  expect(ended.stderr).toMatch(/^prm: [^\n]+\n$/);
  const format = await runPrm(['format', '--dataset', name, '--output_dir', `out-${hash(name)}`], {
    cwd: folder,
  });
  expect(format).toMatchObject({ status: 2, stdout: '' });
  expect(format.stderr).toMatch(/^prm: [^\n]+\n$/);
  return ended.stderr;
}

interface Inspected {
  rows: number;
  layout: { layout: string | null; evidence: string[] };
  faults: { reason: string; count: number; firstRows: number[] }[];
}

async function readable(name: string): Promise<Inspected> {
  const { status, stdout, stderr } = await inspect(name, '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return JSON.parse(stdout) as Inspected;
}

const hash = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 8);

describe('a Parquet file', () => {
  it('that was cut', async () => {
    expect(await refusal(file('cut.parquet', PARQUET.subarray(0, 100_000)))).toContain(
      'cut short or damaged',
    );
  });

  it('with the wrong magic', async () => {
    expect(await refusal(file('magic.parquet', 'PAR2', PARQUET.subarray(4)))).toContain('not a Parquet file');
  });

  it('whose footer lies about its size', async () => {
    const lying = Buffer.from(PARQUET);
    lying.writeUInt32LE(0x7fffffff, lying.length - 8);
    expect(await refusal(file('footer.parquet', lying))).toContain('footer.parquet');
  });

  it('whose footer is noise', async () => {
    const noise = Buffer.from(PARQUET);
    const length = noise.readUInt32LE(noise.length - 8);
    for (let at = noise.length - 8 - length; at < noise.length - 8; at++) noise[at] = (at * 7919) % 251;
    expect(await refusal(file('noise.parquet', noise))).toContain('noise.parquet');
  });

  it('that is empty', async () => {
    expect(await refusal(file('empty.parquet'))).toContain('the file is empty');
  });

  it('with 10,000 columns', async () => {
    const columnData = Array.from({ length: 10_000 }, (_, index) => ({
      name: `c${index}`,
      data: ['a', 'b'],
      type: 'STRING' as const,
    }));
    const wide = Buffer.from(parquetWriteBuffer({ columnData }));
    expect(await readable(file('wide.parquet', wide))).toMatchObject({ rows: 2, layout: { layout: null } });
  });
});

describe('a text file', () => {
  it('with a line of 100 MB among rows', async () => {
    const name = file('long-line.jsonl', ROW);
    for (let part = 0; part < 100; part++) appendFileSync(path.join(folder, name), 'x'.repeat(1 << 20));
    appendFileSync(path.join(folder, name), `\n${ROW}`);
    const { rows, faults } = await readable(name);
    expect(rows).toBe(3);
    expect(faults).toMatchObject([{ count: 1, firstRows: [2] }]);
  });

  it('that is not UTF-8 in one row', async () => {
    const { rows, faults } = await readable(
      file('utf8.jsonl', ROW, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x0a]), ROW),
    );
    expect(rows).toBe(3);
    expect(faults).toMatchObject([{ reason: 'the line is not UTF-8', count: 1, firstRows: [2] }]);
  });

  it('with a byte order mark and Windows line ends', async () => {
    const { rows, faults } = await readable(
      file('bom.jsonl', '\uFEFF', ROW.replace('\n', '\r\n'), ROW.replace('\n', '\r\n')),
    );
    expect({ rows, faults }).toEqual({ rows: 2, faults: [] });
  });

  it('with NUL bytes', async () => {
    const { rows, faults } = await readable(file('nul.jsonl', ROW, Buffer.alloc(100), '\n', ROW));
    expect(rows).toBe(3);
    expect(faults).toMatchObject([{ reason: 'the line is not JSON', firstRows: [2] }]);
  });

  it('in UTF-16', async () => {
    expect(await refusal(file('utf16.jsonl', Buffer.from(`\uFEFF${ROW}`, 'utf16le')))).toContain('UTF-16');
  });

  it('that mixes layouts', async () => {
    const other =
      '{"problem":"2 + 2?","steps":["4","5"],"label":1,"final_answer_correct":false,"id":"x","generator":"g"}\n';
    const { rows, layout, faults } = await readable(file('mixed.jsonl', ROW.repeat(4), other));
    expect({ rows, layout: layout.layout }).toEqual({ rows: 5, layout: 'trl-stepwise' });
    expect(layout.evidence.join(' ')).toMatch(/ProcessBench/);
    expect(faults).toMatchObject([{ count: 1, firstRows: [5] }]);
  });

  it('with a row of 100,000 steps', async () => {
    const completions = Array.from({ length: 100_000 }, (_, index) => `step ${index}`);
    const row = { prompt: 'p', completions, labels: completions.map(() => true) };
    expect(await readable(file('steps.jsonl', `${JSON.stringify(row)}\n`))).toMatchObject({
      rows: 1,
      faults: [],
    });
    const { status, stdout } = await inspect('steps.jsonl', '--rows', '1');
    expect(status).toBe(0);
    expect(stdout).toContain('step 0');
  });

  it('with 10,000 fields', async () => {
    const row = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`f${index}`, index]));
    expect(await readable(file('fields.jsonl', `${JSON.stringify(row)}\n`))).toMatchObject({ rows: 1 });
  });

  it('that is a bomb', async () => {
    // 4 GB of zeros in 4 MB: one member, many times over.
    const member = gzipSync(Buffer.alloc(64 << 20));
    const name = file('bomb.jsonl.gz', ...Array.from({ length: 64 }, () => member));
    const { status, stderr } = await inspect(name);
    expect([0, 2]).toContain(status);
    if (status === 2) expect(stderr).toMatch(/^prm: [^\n]+\n$/);
  });

  it('that is a damaged gzip file', async () => {
    const packed = gzipSync(ROW.repeat(2000), { level: 1 });
    packed.fill(0xaa, packed.length >> 1, (packed.length >> 1) + 50);
    const { status, stdout, stderr } = await inspect(file('damaged.jsonl.gz', packed));
    expect([0, 2]).toContain(status);
    expect(status === 0 ? stdout : stderr).toMatch(/damaged|gzip/);
  });
});

describe('no file at all', () => {
  it('a folder', async () => {
    expect(await refusal('.')).toContain('this is a folder');
  });

  it('nothing', async () => {
    expect(await refusal('nothing.parquet')).toContain('there is no such file');
  });

  it('a device', async () => {
    expect(await refusal('/dev/zero')).toContain('no ordinary file');
  });
});
