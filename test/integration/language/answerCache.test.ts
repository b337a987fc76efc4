// The kept answers, asked for over LSP: a real cache folder, read and cleared by the real `prm cache`.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CancellationTokenSource, LSPErrorCodes } from 'vscode-languageserver/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CLEAR_CACHE, LIST_CACHE, VERIFY_CACHE } from '../../../protocol/src/generation.ts';
import { fillCache } from '../../support/answerCache.ts';
import { type Editor, failureOf, type Kind, startEditor } from './editor.ts';

const LARGE = 'qwen2.5-math-72b';
/** As an option of the command line looks. */
const ODD = '--all';

/** Of an answer that was just kept. */
const NOW = expect.stringMatching(/^20\d\d-\d\d-\d\dT/) as string;

let folder: string;
let workspace: string;
let editor: Editor | undefined;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'prm-cache-'));
  folder = path.join(workspace, 'answers');
  vi.stubEnv('PRM_CACHE', folder);
});
afterEach(async () => {
  await editor?.close();
  editor = undefined;
  vi.unstubAllEnvs();
  await rm(workspace, { recursive: true });
});

/** Five answers of one model, two of another. */
async function filled(): Promise<void> {
  await fillCache(folder, { [LARGE]: 5, [ODD]: 2 });
}

async function entriesByModel(of: Editor): Promise<Record<string, number>> {
  const { models } = await of.request(LIST_CACHE, {});
  return Object.fromEntries(models.map(({ model, entries }) => [model, entries]));
}

describe.each<Kind>(['in-band', 'spawned'])('a server that is %s', (kind) => {
  it('lists, verifies, and clears one model, then all', async () => {
    await filled();
    editor = await startEditor(kind, { workspace });
    const contents = await editor.request(LIST_CACHE, {});
    expect(contents).toEqual({
      folder,
      models: [
        { model: LARGE, entries: 5, bytes: expect.any(Number) as number, newest: NOW },
        { model: ODD, entries: 2, bytes: expect.any(Number) as number, newest: NOW },
      ],
    });
    const bytes = contents.models.reduce((sum, model) => sum + model.bytes, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(await editor.request(VERIFY_CACHE, {})).toEqual({ entries: 7, bytes, removed: 0 });
    expect(await editor.request(CLEAR_CACHE, { model: ODD })).toEqual({ removed: 2 });
    expect(await entriesByModel(editor)).toEqual({ [LARGE]: 5 });
    expect(await editor.request(CLEAR_CACHE, {})).toEqual({ removed: 5 });
    expect(await entriesByModel(editor)).toEqual({});
  });
});

describe('the answer cache', () => {
  it('is empty where nothing was ever kept, and makes no folder by being looked at', async () => {
    editor = await startEditor('in-band', { workspace });
    expect(await editor.request(LIST_CACHE, {})).toEqual({ folder, models: [] });
    expect(await editor.request(VERIFY_CACHE, {})).toEqual({ entries: 0, bytes: 0, removed: 0 });
    expect(await editor.request(CLEAR_CACHE, { model: 'nobody' })).toEqual({ removed: 0 });
    expect(await readdir(workspace)).toEqual([]);
  });

  it('loses what is damaged, and only that, when it is verified', async () => {
    await filled();
    const contents = path.join(folder, 'content', 'content-v2');
    const files = await readdir(contents, { recursive: true, withFileTypes: true });
    const answer = files.find((file) => file.isFile());
    await writeFile(path.join(answer?.parentPath ?? '', answer?.name ?? ''), 'not what it was');
    editor = await startEditor('in-band', { workspace });
    expect(await editor.request(VERIFY_CACHE, {})).toMatchObject({ entries: 6, removed: 1 });
    expect(await editor.request(VERIFY_CACHE, {})).toMatchObject({ entries: 6, removed: 0 });
  });

  it('is looked at in a workspace that is not trusted, and changed by nobody there', async () => {
    await filled();
    editor = await startEditor('in-band', { workspace, trusted: false });
    expect(await entriesByModel(editor)).toEqual({ [LARGE]: 5, [ODD]: 2 });
    for (const refused of [editor.request(VERIFY_CACHE, {}), editor.request(CLEAR_CACHE, {})]) {
      expect(await failureOf(refused)).toMatchObject({
        what: expect.stringContaining('needs a trusted workspace') as string,
        actions: ['manageTrust'],
      });
    }
    expect(await entriesByModel(editor)).toEqual({ [LARGE]: 5, [ODD]: 2 });
  });

  it('says where it cannot be read', async () => {
    await writeFile(folder, 'a file where the folder should be');
    editor = await startEditor('in-band', { workspace });
    const failure = await failureOf(editor.request(LIST_CACHE, {}));
    expect(failure.what).toContain(folder);
    expect(failure.what).toContain('the cache cannot be used');
  });

  it('takes no model without a name', async () => {
    editor = await startEditor('in-band', { workspace });
    const failure = await failureOf(editor.request(CLEAR_CACHE, { model: '' }));
    expect(failure.what).toContain('Wrong arguments');
  });

  it('is not cleared by a request that was cancelled before it began', async () => {
    await filled();
    editor = await startEditor('in-band', { workspace });
    const source = new CancellationTokenSource();
    source.cancel();
    await expect(editor.request(CLEAR_CACHE, {}, source.token)).rejects.toMatchObject({
      code: LSPErrorCodes.RequestCancelled,
    });
    expect(await entriesByModel(editor)).toEqual({ [LARGE]: 5, [ODD]: 2 });
  });

  it('finds its folder from the workspace where the variable names one from there', async () => {
    vi.stubEnv('PRM_CACHE', 'near');
    await mkdir(path.join(workspace, 'near'));
    editor = await startEditor('in-band', { workspace });
    expect(await editor.request(LIST_CACHE, {})).toMatchObject({ folder: path.join(workspace, 'near') });
  });
});
