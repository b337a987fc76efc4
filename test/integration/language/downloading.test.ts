// Downloading from the editor, against a small server on this machine that speaks the needed parts of the Hub's API.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DOWNLOAD_DATASET, LIST_HUB_DATASET } from '../../../protocol/src/hub.ts';
import { type Editor, failureOf, type Kind, startEditor } from './editor.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const ROWS = '{"prompt":"1+1","completions":["2"],"labels":[true]}\n';
const FILES = ['train.jsonl', 'test.jsonl'];
const OID = createHash('sha1').update(`blob ${ROWS.length}\0${ROWS}`).digest('hex');

let workspace: string;
let hub: Server;
let editor: Editor;

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), 'prm-download-'));
  hub = createServer((request, response) => {
    const url = request.url ?? '';
    const json = (value: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (url.startsWith('/api/datasets/owner/steps/revision/'))
      json({ _id: '1', id: 'owner/steps', sha: COMMIT });
    else if (url.startsWith('/api/datasets/owner/steps/tree/'))
      json(FILES.map((file) => ({ type: 'file', path: file, size: ROWS.length, oid: OID })));
    else if (url.startsWith(`/datasets/owner/steps/resolve/${COMMIT}/`)) response.end(ROWS);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const address = hub.address();
  vi.stubEnv('HF_ENDPOINT', typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '');
  vi.stubEnv('HF_HOME', path.join(workspace, 'home'));
});
afterEach(async () => {
  await editor.close();
  vi.unstubAllEnvs();
  hub.closeAllConnections();
  await new Promise((resolve) => hub.close(resolve));
  await rm(workspace, { recursive: true });
});

describe.each<Kind>(['in-band', 'spawned'])('a server that is %s', (kind) => {
  it('lists what there is, downloads a part, and finds it again', async () => {
    editor = await startEditor(kind, { workspace });
    const bytes = ROWS.length;
    expect(await editor.request(LIST_HUB_DATASET, { dataset: 'owner/steps' })).toEqual([
      { config: 'default', split: 'test', files: ['test.jsonl'], bytes },
      { config: 'default', split: 'train', files: ['train.jsonl'], bytes },
    ]);
    const first = await editor.request(DOWNLOAD_DATASET, {
      dataset: 'owner/steps:default/test',
      workDoneToken: 'd',
    });
    expect(first).toMatchObject({ id: 'owner/steps', revision: COMMIT, bytes, cached: false });
    expect(await readFile(first.files[0] ?? '', 'utf8')).toBe(ROWS);
    expect(await editor.request(DOWNLOAD_DATASET, { dataset: 'owner/steps:test' })).toMatchObject({
      cached: true,
    });
  });

  it('says what is wrong with an id, and that a dataset is not there', async () => {
    editor = await startEditor(kind, { workspace });
    expect(await failureOf(editor.request(DOWNLOAD_DATASET, { dataset: 'no id' }))).toMatchObject({
      what: 'this is no dataset id of the Hugging Face Hub',
    });
    const missing = await failureOf(editor.request(LIST_HUB_DATASET, { dataset: 'owner/nothing' }));
    expect(missing.what).toContain('the Hub has no such dataset');
  });

  it('fetches nothing for a workspace that is not trusted', async () => {
    editor = await startEditor(kind, { workspace, trusted: false });
    const refused = await failureOf(editor.request(DOWNLOAD_DATASET, { dataset: 'owner/steps' }));
    expect(refused.actions).toEqual(['manageTrust']);
  });
});
