// The dataset process over its real connection: pages, views, exports; files that change, processes that die or hang.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcessDied } from '../../../server/src/datasets/host/datasetChild.ts';
import { HOST_OPEN, HOST_ROWS } from '../../../server/src/datasets/host/hostMessages.ts';
import { openTable } from '../../../server/src/datasets/table/openTable.ts';
import { CancelledError, PrmError } from '../../../server/src/support/errors.ts';
import { isProcessAlive } from '../../../server/src/support/processes.ts';
import { DATASET_PROCESS_FILE } from '../../support/bundles.ts';
import { HostDataset, startProcess, until } from './hostDataset.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../../samples/gsm8k-stepwise-sample.parquet');
const NEVER = new AbortController().signal;

let folder: string;
const opened: HostDataset[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-host-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ client }) => client.close()));
  await rm(folder, { recursive: true });
});

async function open(file: string): Promise<HostDataset> {
  const dataset = await HostDataset.open(file);
  opened.push(dataset);
  return dataset;
}

/** Rows in TRL's layout; each third one has a wrong second step. */
function line(index: number): string {
  return `${JSON.stringify({ prompt: `Problem ${index}`, completions: [`First ${index}`, 'Second'], labels: [true, index % 3 !== 0] })}\n`;
}

async function jsonl(rows: number, name = 'rows.jsonl'): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, Array.from({ length: rows }, (_, index) => line(index)).join(''));
  return file;
}

describe('pages', () => {
  it('give the rows of a Parquet file with their marks, anywhere in the file', async () => {
    const { info, client } = await open(SAMPLE);
    expect(info).toMatchObject({ kind: 'parquet', layout: { layout: 'trl-stepwise' } });
    expect(info.known).toEqual({ rows: 5998, complete: true, share: 1 });
    const last = await client.rows({ start: 5950, count: 100 });
    expect(last.rows.map(({ number }) => number)).toEqual(Array.from({ length: 48 }, (_, i) => 5951 + i));

    const table = await openTable(SAMPLE);
    const [expected] = await table.rows(5997, 5998);
    await table.close();
    const text = await client.rowText({ position: 5997, format: 'json' });
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(expected?.fields)));
    const { trace } = await client.trace({ position: 5997 });
    expect(trace?.totalSteps).toBe(last.rows.at(-1)?.marks?.steps);
  });

  it('say which row is not there', async () => {
    const { client } = await open(SAMPLE);
    expect(await client.rows({ start: 9000, count: 100 })).toMatchObject({ rows: [] });
    await expect(client.trace({ position: 9000 })).rejects.toThrow('There is no row 9,001');
  });

  it('come from two datasets at once', async () => {
    const [parquet, text] = await Promise.all([open(SAMPLE), open(await jsonl(10))]);
    expect(parquet.pid).not.toBe(text.pid);
    const [some, others] = await Promise.all([
      parquet.client.rows({ start: 0, count: 5 }),
      text.client.rows({ start: 0, count: 5 }),
    ]);
    expect(some.rows).toHaveLength(5);
    expect(others.rows[3]?.cells[0]?.text).toBe('Problem 3');
  });

  it('are not opened from a file that is none', async () => {
    const file = path.join(folder, 'not.parquet');
    await writeFile(file, 'This is no Parquet file, whatever its name says.');
    await expect(open(file)).rejects.toThrow(PrmError);
    await expect(open(path.join(folder, 'gone.jsonl'))).rejects.toThrow('gone.jsonl');
  });
});

describe('a file that changes', () => {
  it('grows: the new rows are known and can be read, the last line whole', async () => {
    const file = await jsonl(120);
    const dataset = await open(file);
    expect((await dataset.client.rows({ start: 100, count: 100 })).rows).toHaveLength(20);
    await appendFile(file, line(120) + line(121).slice(0, 20));
    await dataset.change('known', ({ known }) => known.rows >= 121 && known.complete);
    await appendFile(file, line(121).slice(20));
    const rows = await untilAsked(async () => {
      const page = await dataset.client.rows({ start: 100, count: 100 });
      return page.rows.length === 22 && page.rows[21]?.fault === undefined ? page.rows : undefined;
    });
    expect(rows[21]).toMatchObject({ number: 122, cells: [{ text: 'Problem 121' }, {}, {}] });
  });

  it('is replaced: it is read again, and views are gone', async () => {
    const file = await jsonl(50);
    const dataset = await open(file);
    const view = await dataset.client.query({ conditions: [{ kind: 'has-error', value: true }] });
    await dataset.end(view);
    await writeFile(path.join(folder, 'new'), '{"question":"1+1?","answer":"It is 2.\\n#### 2"}\n');
    await rename(path.join(folder, 'new'), file);
    const { info } = await dataset.change('replaced');
    expect(info.columns.map(({ name }) => name)).toEqual(['question', 'answer']);
    expect((await dataset.client.rows({ start: 0, count: 10 })).rows).toHaveLength(1);
    await expect(dataset.client.rows({ view, start: 0, count: 10 })).rejects.toThrow('view is gone');
  });

  it('is deleted: what was read stays; it comes back: it is read again', async () => {
    const file = path.join(folder, 'sample.parquet');
    await copyFile(SAMPLE, file);
    const dataset = await open(file);
    await rm(file);
    expect((await dataset.change('gone')).message).toContain(file);
    expect((await dataset.client.rows({ start: 0, count: 10 })).rows).toHaveLength(10);
    await copyFile(SAMPLE, file);
    expect((await dataset.change('replaced')).info.known.rows).toBe(5998);
  });

  it('is replaced by a broken one: that is said, until it is whole', async () => {
    const file = path.join(folder, 'sample.parquet');
    await copyFile(SAMPLE, file);
    const dataset = await open(file);
    const bytes = await readFile(SAMPLE);
    await writeFile(path.join(folder, 'half'), bytes.subarray(0, bytes.length / 2));
    await rename(path.join(folder, 'half'), file);
    expect((await dataset.change('gone')).message).toContain(file);
    await copyFile(SAMPLE, path.join(folder, 'whole'));
    await rename(path.join(folder, 'whole'), file);
    await dataset.change('replaced');
  });
});

describe('views', () => {
  it('stream what they find, are read by page, and are exported in their order', async () => {
    const dataset = await open(await jsonl(3000));
    const { client } = dataset;
    const view = await client.query({
      conditions: [{ kind: 'has-error', value: true }],
      sort: { key: { by: 'column', column: 'prompt' }, descending: true },
    });
    expect(await dataset.end(view)).toMatchObject({ state: 'done', rows: 1000, share: 1 });
    const page = await client.rows({ view, start: 0, count: 2 });
    expect(page.known).toEqual({ rows: 1000, complete: true, share: 1 });
    expect(page.rows.map(({ cells }) => cells[0]?.text)).toEqual(['Problem 999', 'Problem 996']);

    const file = path.join(folder, 'out.jsonl');
    const shares: number[] = [];
    const exported = await client.exportView({ view, format: 'jsonl', file }, NEVER, (share) =>
      shares.push(share),
    );
    expect(exported).toMatchObject({ file, rows: 1000, notes: [] });
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines[0]).toBe(line(999).trimEnd());
    expect(lines).toHaveLength(1000);
  });

  it('do not keep pages waiting while they run, and can be stopped', async () => {
    const dataset = await open(await jsonl(200_000));
    const view = await dataset.client.query({ conditions: [{ kind: 'text', text: 'nowhere in it' }] });
    expect((await dataset.client.rows({ start: 0, count: 100 })).rows).toHaveLength(100);
    expect((await dataset.client.rows({ view, start: 0, count: 100 })).known).toMatchObject({
      rows: 0,
      complete: false,
    });
    await dataset.client.stopView(view);
    expect(await dataset.end(view)).toMatchObject({ state: 'stopped' });
    await dataset.client.dropView(view);
    await expect(dataset.client.rows({ view, start: 0, count: 1 })).rejects.toThrow('view is gone');
  });

  it('never become the file that they are read from', async () => {
    const file = await jsonl(3);
    const { client } = await open(file);
    await expect(client.exportView({ format: 'jsonl', file }, NEVER, () => undefined)).rejects.toThrow(
      'the dataset itself',
    );
  });
});

describe('a summary', () => {
  it('reports progress, is kept until the file changes, and can be cancelled', async () => {
    const file = await jsonl(100_000);
    const dataset = await open(file);
    const cancelled = new AbortController();
    const stopped = dataset.client.summary(cancelled.signal, () => cancelled.abort());
    await expect(stopped).rejects.toThrow(CancelledError);

    const shares: number[] = [];
    const summary = await dataset.client.summary(NEVER, (share) => shares.push(share));
    expect(summary).toMatchObject({ rows: 100_000, tracesWithError: 33_334, steps: 200_000 });
    expect(shares.length).toBeGreaterThan(0);
    expect(await dataset.client.summary(NEVER, () => expect.fail('it was read again'))).toEqual(summary);
    await appendFile(file, line(3));
    await dataset.change('known', ({ known }) => known.rows === 100_001);
    expect((await dataset.client.summary(NEVER, () => undefined)).rows).toBe(100_001);
  });
});

describe('a process that dies', () => {
  it('is started again, with one message, and answers', async () => {
    const dataset = await open(SAMPLE);
    const { pid } = dataset;
    process.kill(pid, 'SIGSTOP');
    const asked = dataset.client.rows({ start: 3000, count: 100 });
    process.kill(pid, 'SIGKILL');
    await expect(asked).rejects.toThrow(/ended \(signal SIGKILL\) while reading rows 3001 to 3100/);
    const { message, info } = await dataset.change('restarted');
    expect(message).toContain(SAMPLE);
    expect(info).toEqual(dataset.info);
    expect(dataset.changes).toHaveLength(1);
    expect(dataset.pid).not.toBe(pid);
    expect((await dataset.client.rows({ start: 3000, count: 100 })).rows).toHaveLength(100);
  });

  it('twice of the same request is left alone, and that is said', async () => {
    const dataset = await open(SAMPLE);
    for (const kind of ['restarted', 'gone'] as const) {
      process.kill(dataset.pid, 'SIGSTOP');
      const asked = dataset.client.trace({ position: 7 });
      process.kill(dataset.pid, 'SIGKILL');
      await expect(asked).rejects.toThrow('while reading row 8');
      await dataset.change(kind);
    }
    await expect(dataset.client.rows({ start: 0, count: 1 })).rejects.toThrow('not for the first time');
    expect(dataset.client.pid).toBeUndefined();
  });

  it('of different requests goes on', async () => {
    const dataset = await open(SAMPLE);
    for (const position of [1, 2, 3]) {
      const { pid } = dataset;
      process.kill(pid, 'SIGSTOP');
      const asked = dataset.client.trace({ position });
      process.kill(pid, 'SIGKILL');
      await expect(asked).rejects.toThrow(PrmError);
      await until(() => (dataset.changes.length === position ? true : undefined));
    }
    expect((await dataset.client.trace({ position: 4 })).number).toBe(5);
  });
});

describe('the process itself', () => {
  it('is ended where it does not answer in time', async () => {
    const child = startProcess();
    await child.request(HOST_OPEN, { path: SAMPLE }, { silence: 20_000 });
    const { pid = 0 } = child;
    process.kill(pid, 'SIGSTOP');
    const asked = child.request(HOST_ROWS, { start: 0, count: 1 }, { silence: 300 });
    await expect(asked).rejects.toThrow(ProcessDied);
    await expect(asked).rejects.toThrow('did not answer for 0 s');
    expect(isProcessAlive(pid)).toBe(false);
  });

  it('ends by itself when nobody is there any more', async () => {
    const child = fork(DATASET_PROCESS_FILE, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await once(child, 'message');
    const exit = once(child, 'exit');
    child.disconnect();
    expect((await exit)[0]).toBe(0);
  });
});

/** As `until`, for what has to be asked. */
async function untilAsked<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
  }
}
