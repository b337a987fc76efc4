// Formatting from the editor: in a process of its own, with progress, and with errors that a person can act on.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { FORMAT_DATASET, LIST_MODELS } from '../../../protocol/src/requests.ts';
import { type Editor, failureOf, type Kind, startEditor } from './editor.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../../samples/gsm8k-stepwise-sample.parquet');

let workspace: string;
let editor: Editor;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'prm-format-'));
});
afterEach(async () => {
  await editor.close();
  await rm(workspace, { recursive: true });
});

describe.each<Kind>(['in-band', 'spawned'])('a server that is %s', (kind) => {
  it('formats a Parquet file, reports progress and the counts, and answers meanwhile', async () => {
    editor = await startEditor(kind, { workspace });
    const formatting = editor.request(FORMAT_DATASET, {
      dataset: SAMPLE,
      outputDir: 'data/formatted',
      workDoneToken: 'the-format',
    });
    expect(await editor.request(LIST_MODELS, {})).toEqual([]);
    const result = await formatting;

    expect(result.outputDir).toBe(path.join(workspace, 'data/formatted'));
    expect(result.correct).toBe(result.incorrect);
    expect(result.train + result.validation).toBe(result.examples);
    const written = await readFile(path.join(result.outputDir, 'prm_train.jsonl'), 'utf8');
    expect(written.trimEnd().split('\n')).toHaveLength(result.train);
    expect(result.statistics).toContain('read as steps');

    const kinds = editor
      .seen<{ token: string; value: { kind: string } }>({ method: '$/progress' })
      .filter(({ token }) => token === 'the-format')
      .map(({ value }) => value.kind);
    expect(kinds[0]).toBe('begin');
    expect(kinds.at(-1)).toBe('end');
  });
});

describe('a formatting that cannot be done', () => {
  beforeEach(async () => {
    editor = await startEditor('in-band', { workspace });
  });

  it('names a file that is not there', async () => {
    const failure = await failureOf(
      editor.request(FORMAT_DATASET, { dataset: 'gone.parquet', outputDir: 'out' }),
    );
    expect(`${failure.where ?? ''} ${failure.what}`).toContain(path.join(workspace, 'gone.parquet'));
    expect(await readdir(workspace)).toEqual([]);
  });

  it('offers to overwrite what is in the way, and does so when asked', async () => {
    await writeFile(path.join(workspace, 'mine.txt'), 'mine');
    const request = { dataset: SAMPLE, outputDir: workspace, maxExamples: 200 };
    const failure = await failureOf(editor.request(FORMAT_DATASET, request));
    expect(failure.actions).toContain('overwrite');
    expect(failure.remedy).not.toContain('--');
    await editor.request(FORMAT_DATASET, { ...request, overwrite: true });
    expect(await readFile(path.join(workspace, 'mine.txt'), 'utf8')).toBe('mine');
  });

  it('refuses a request that makes no sense', async () => {
    const request = { dataset: SAMPLE, outputDir: 'out', valRatio: 2 };
    expect((await failureOf(editor.request(FORMAT_DATASET, request))).what).toContain('valRatio');
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const cancellation = new CancellationTokenSource();
    const formatting = editor.request(
      FORMAT_DATASET,
      { dataset: SAMPLE, outputDir: 'out' },
      cancellation.token,
    );
    cancellation.cancel();
    await expect(formatting).rejects.toMatchObject({ code: -32800 });
    expect(await readdir(workspace)).toEqual([]);
  });
});

it('formats nothing in a workspace that is not trusted', async () => {
  editor = await startEditor('in-band', { workspace, trusted: false });
  const request = editor.request(FORMAT_DATASET, { dataset: SAMPLE, outputDir: 'out' });
  expect(await failureOf(request)).toMatchObject({ actions: ['manageTrust'] });
});
