// Datasets in the editor, over a real connection to the server: rows, traces, views, scores, and who may do what.
import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { DATASET_SUMMARY } from '../../../protocol/src/datasetSummary.ts';
import {
  CLOSE_DATASET,
  DATASET_CHANGED,
  DATASET_ROWS,
  DATASET_ROW_TEXT,
  DATASET_TRACE,
  DROP_VIEW,
  EXPORT_VIEW,
  OPEN_DATASET,
  QUERY_DATASET,
  SCORE_ROW,
  STOP_VIEW,
  VIEW_CHANGED,
} from '../../../protocol/src/datasets.ts';
import { DOWNLOAD_DATASET } from '../../../protocol/src/hub.ts';
import type { Failure } from '../../../protocol/src/requests.ts';
import { isProcessAlive } from '../../../server/src/support/processes.ts';
import { writeSmallModel } from '../../support/smallModel.ts';
import { type Editor, failureOf, type Kind, startEditor } from './editor.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../../samples/gsm8k-stepwise-sample.parquet');
const MODEL = '.prm/runs/small/best_model';
const CANCELLED = -32_800;

let workspace: string;
let editor: Editor;

beforeAll(async () => {
  workspace = await realpath(await mkdtemp(path.join(tmpdir(), 'prm-datasets-')));
  await writeSmallModel(path.join(workspace, '.prm/runs/small'), 'best_model');
});
afterAll(() => rm(workspace, { recursive: true }));
afterEach(() => editor.close());

async function start(kind: Kind = 'in-band', trusted = true): Promise<Editor> {
  editor = await startEditor(kind, {
    workspace,
    trusted,
    settings: { model: { path: MODEL }, device: 'cpu' },
  });
  return editor;
}

async function write(name: string, rows: readonly object[]): Promise<string> {
  const file = path.join(workspace, name);
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
}

/** Ids of the processes that a process has started. */
function childrenOf(pid: number | undefined): number[] {
  const printed = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return printed.trim().split('\n').map(Number);
}

describe.each<Kind>(['in-band', 'spawned'])('a server that is %s', (kind) => {
  it('gives rows, a trace, texts, a summary and a view of a file, in a workspace that nobody trusts', async () => {
    await start(kind, false);
    const { dataset, ...info } = await editor.request(OPEN_DATASET, { path: SAMPLE });
    expect(info).toMatchObject({ kind: 'parquet', name: path.basename(SAMPLE), known: { rows: 5998 } });

    const { rows } = await editor.request(DATASET_ROWS, { dataset, start: 2, count: 3 });
    expect(rows.map(({ number }) => number)).toEqual([3, 4, 5]);
    const { trace } = await editor.request(DATASET_TRACE, { dataset, position: 2 });
    expect(trace).toMatchObject({ firstError: rows[0]?.marks?.firstError });
    const { text } = await editor.request(DATASET_ROW_TEXT, { dataset, position: 2, format: 'steps' });
    expect(text).toContain(trace?.steps[0]?.text ?? 'no step');

    const summary = await editor.request(DATASET_SUMMARY, { dataset, workDoneToken: 'the-summary' });
    expect(summary).toMatchObject({ rows: 5998, layout: { layout: 'trl-stepwise' } });
    const progress = editor
      .seen<{ token: string; value: { kind: string } }>({ method: '$/progress' })
      .filter(({ token }) => token === 'the-summary');
    expect(progress.at(-1)?.value.kind).toBe('end');

    const { view } = await editor.request(QUERY_DATASET, {
      dataset,
      query: { conditions: [{ kind: 'first-error', from: 2, to: 2 }] },
    });
    const end = await editor.until(VIEW_CHANGED, (news) => news.view === view && news.state === 'done');
    expect(end).toMatchObject({ dataset, scanned: 5998 });
    const found = await editor.request(DATASET_ROWS, { dataset, view, start: 0, count: 500 });
    expect(found.rows.length).toBe(Math.min(500, end.rows));
    expect(new Set(found.rows.map(({ marks }) => marks?.firstError))).toEqual(new Set([2]));

    const file = path.join(workspace, `${kind}.csv`);
    await editor.request(EXPORT_VIEW, { dataset, view, format: 'csv', file });
    expect((await readFile(file, 'utf8')).split('\n')[0]).toContain('prompt');
    expect(await editor.request(STOP_VIEW, { dataset, view })).toBeNull();
    expect(await editor.request(DROP_VIEW, { dataset, view })).toBeNull();
    expect(await editor.request(CLOSE_DATASET, { dataset })).toBeNull();
    const closed = await failureOf(editor.request(DATASET_ROWS, { dataset, start: 0, count: 1 }));
    expect(closed.remedy).toContain('Reload');
  });

  it('tells of a file that grows', async () => {
    await start(kind);
    const file = await write(`growing-${kind}.jsonl`, [{ question: '1+1?', answer: '#### 2' }]);
    const { dataset } = await editor.request(OPEN_DATASET, { path: path.basename(file) });
    await appendFile(file, '{"question":"2+2?","answer":"#### 4"}\n');
    await editor.until(
      DATASET_CHANGED,
      (news) => news.dataset === dataset && news.change.kind === 'known' && news.change.known.rows === 2,
    );
  });
});

describe('a row', () => {
  const ROW = { prompt: 'What is 1+1?', completions: ['1+1=2', ' ', 'So 2.'], labels: [true, false, true] };

  it('is scored in one pass; an empty step keeps its place', async () => {
    await start();
    const { dataset } = await editor.request(OPEN_DATASET, { path: await write('row.jsonl', [ROW]) });
    const scored = await editor.request(SCORE_ROW, { dataset, position: 0 });
    expect(scored).toMatchObject({ threshold: 0.5, device: 'cpu' });
    expect(scored.scores.map((score) => score !== null)).toEqual([true, false, true]);
  });

  it('is not scored in a workspace that is not trusted', async () => {
    await start('in-band', false);
    const { dataset } = await editor.request(OPEN_DATASET, { path: await write('row.jsonl', [ROW]) });
    const failure = await failureOf(editor.request(SCORE_ROW, { dataset, position: 0 }));
    expect(failure.actions).toEqual(['manageTrust']);
  });

  it('without steps says so', async () => {
    await start();
    const { dataset } = await editor.request(OPEN_DATASET, { path: await write('none.jsonl', [{ a: 1 }]) });
    const failure = await failureOf(editor.request(SCORE_ROW, { dataset, position: 0 }));
    expect(failure.what).toContain('no such steps');
  });
});

describe('what cannot be done', () => {
  it('names the file that is not there, and opens nothing', async () => {
    await start();
    const failure = await failureOf(editor.request(OPEN_DATASET, { path: 'gone.parquet' }));
    expect(`${failure.where ?? ''} ${failure.what}`).toContain(path.join(workspace, 'gone.parquet'));
  });

  it('is refused where it makes no sense', async () => {
    await start();
    const { dataset } = await editor.request(OPEN_DATASET, { path: SAMPLE });
    const asked = (params: object): Promise<Failure> =>
      failureOf(editor.ask(DATASET_ROWS.method, { dataset, start: 0, count: 1, ...params }));
    expect((await asked({ count: 100_000 })).what).toContain('count');
    expect((await asked({ start: -1 })).what).toContain('start');
    const query = { conditions: [{ kind: 'column', column: 'prompt', test: 'runs', value: '' }] };
    expect((await failureOf(editor.ask(QUERY_DATASET.method, { dataset, query }))).what).toContain('test');
  });

  it('is cancelled', async () => {
    await start();
    const rows = Array.from({ length: 50_000 }, (_, index) => ({ question: `${index}?`, answer: '#### 1' }));
    const { dataset } = await editor.request(OPEN_DATASET, { path: await write('many.jsonl', rows) });
    const cancellation = new CancellationTokenSource();
    const summary = editor.request(DATASET_SUMMARY, { dataset }, cancellation.token);
    cancellation.cancel();
    await expect(summary).rejects.toMatchObject({ code: CANCELLED });
  });
});

describe('a download', () => {
  it('refuses what is no id, and a workspace that is not trusted', async () => {
    await start();
    const failure = await failureOf(editor.request(DOWNLOAD_DATASET, { dataset: 'a/b/c/d' }));
    expect(failure.what).toContain('no dataset id');
    await editor.close();
    await start('in-band', false);
    const refused = await failureOf(editor.request(DOWNLOAD_DATASET, { dataset: 'owner/name' }));
    expect(refused.actions).toEqual(['manageTrust']);
  });
});

it('leaves no process behind when it ends', async () => {
  await start('spawned');
  await editor.request(OPEN_DATASET, { path: SAMPLE });
  const processes = childrenOf(editor.serverPid);
  expect(processes.length).toBeGreaterThan(0);
  await editor.close();
  expect(processes.filter(isProcessAlive)).toEqual([]);
  await start(); // There is one to close after each test.
});

it('leaves no process behind when it is killed', async () => {
  await start('spawned');
  await editor.request(OPEN_DATASET, { path: SAMPLE });
  const { serverPid = 0 } = editor;
  const processes = childrenOf(serverPid);
  process.kill(serverPid, 'SIGKILL');
  await expect.poll(() => processes.filter(isProcessAlive), { timeout: 10_000 }).toEqual([]);
  await start(); // There is one to close after each test.
});
