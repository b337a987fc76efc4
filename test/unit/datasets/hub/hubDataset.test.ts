// Datasets of the Hub, against a small server on this machine that speaks the needed parts of its API.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { formatDataset } from '../../../../server/src/datasets/format/format.ts';
import { hubParts } from '../../../../server/src/datasets/hub/hubDataset.ts';
import { resolveDataset, type ResolvedDataset } from '../../../../server/src/datasets/resolveDataset.ts';

const SAMPLE = readFileSync(
  path.resolve(import.meta.dirname, '../../../../samples/gsm8k-stepwise-sample.parquet'),
);
const SHA256 = createHash('sha256').update(SAMPLE).digest('hex');
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const FILE = 'data/train-00000-of-00001.parquet';
const CARD =
  '---\nconfigs:\n- config_name: main\n  data_files:\n  - split: train\n    path: data/train-*\n---\n# Steps\n';
const ROWS = '{"prompt":"1+1","completions":["2"],"labels":[true]}\n';

let folder: string;
let server: Server;
let endpoint: string;
/** What the repository lists; a test may put another in. */
let card: string;
let requests: { url: string; range: string | undefined; authorization: string | undefined }[];
/** What the server does with the dataset's file; a test may put another in. */
let sendFile: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hub-'));
  requests = [];
  card = CARD;
  sendFile = (request, response) => {
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response
      .writeHead(start > 0 ? 206 : 200, { 'content-length': SAMPLE.length - start })
      .end(SAMPLE.subarray(start));
  };
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? '';
  requests.push({ url, range: request.headers.range, authorization: request.headers.authorization });
  const json = (status: number, value: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (url.startsWith('/api/datasets/owner/secret')) json(401, { error: 'Invalid username or password.' });
  else if (url.startsWith('/api/datasets/owner/empty/revision/'))
    json(200, { _id: '1', id: 'owner/empty', sha: COMMIT });
  else if (url.startsWith('/api/datasets/owner/empty/tree/')) json(200, []);
  else if (url.startsWith('/api/datasets/owner/steps/revision/'))
    json(200, { _id: '1', id: 'owner/steps', sha: COMMIT });
  else if (url.startsWith(`/api/datasets/owner/steps/tree/${COMMIT}`)) {
    json(200, [
      { type: 'directory', path: 'data', size: 0, oid: 'a' },
      { type: 'file', path: 'README.md', size: Buffer.byteLength(card), oid: gitHash(card) },
      { type: 'file', path: 'data/test-00000-of-00001.parquet', size: 9, oid: 'c' },
      { type: 'file', path: 'small/rows.jsonl', size: Buffer.byteLength(ROWS), oid: gitHash(ROWS) },
      {
        type: 'file',
        path: FILE,
        size: SAMPLE.length,
        oid: 'd',
        lfs: { oid: SHA256, size: SAMPLE.length, pointerSize: 131 },
      },
    ]);
  } else if (url === `/datasets/owner/steps/resolve/${COMMIT}/${FILE}`) sendFile(request, response);
  else if (url === `/datasets/owner/steps/resolve/${COMMIT}/README.md`) response.end(card);
  else if (url === `/datasets/owner/steps/resolve/${COMMIT}/small/rows.jsonl`) response.end(ROWS);
  else json(404, { error: 'Repository not found' });
}

/** As `git hash-object` does. */
function gitHash(text: string): string {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}

/** Requests for the dataset's own file. */
const fileRequests = () => requests.filter(({ url }) => url.endsWith(FILE));

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { HF_ENDPOINT: endpoint, HF_HOME: path.join(folder, 'home'), ...more };
}

function resolve(dataset: string, more: NodeJS.ProcessEnv = {}): Promise<ResolvedDataset> {
  return resolveDataset(dataset, { environment: environment(more) });
}

async function refusal(resolving: Promise<unknown>): Promise<string> {
  const error: unknown = await resolving.then(
    () => new Error('not refused'),
    (thrown: unknown) => thrown,
  );
  return String(error instanceof Error ? error.message : error)
    .replaceAll(folder, '')
    .replaceAll(endpoint, 'HUB');
}

const cached = (): string => path.join(folder, 'home/hub/datasets--owner--steps');

describe('a dataset of the Hub', () => {
  it('is downloaded once, into the layout that all Hub tools share, and formatted', async () => {
    const format = () =>
      formatDataset(
        {
          inputs: [{ dataset: 'owner/steps' }],
          outputDir: path.join(folder, 'out'),
          maxExamples: 50,
          balance: true,
          valRatio: 0.1,
          seed: 42,
          completions: 'auto',
          emptySteps: 'keep',
          overwrite: false,
        },
        { environment: environment() },
      );
    const report = await format();
    expect(report.rows).toBe(50);
    expect(report.inputs[0]?.source.hub).toEqual({ id: 'owner/steps', revision: COMMIT });
    expect(report.inputs[0]?.source.files).toMatchObject([{ sha256: SHA256 }]);
    expect(readFileSync(path.join(cached(), 'snapshots', COMMIT, FILE)).equals(SAMPLE)).toBe(true);
    expect(readdirSync(path.join(cached(), 'blobs')).sort()).toEqual([SHA256, gitHash(CARD)].sort());
    expect(readFileSync(path.join(cached(), 'refs/main'), 'utf8')).toBe(COMMIT);

    await format();
    expect(fileRequests()).toHaveLength(1);
  });

  it('sends the token of the environment, or of the token file', async () => {
    await resolve('owner/steps', { HF_TOKEN: 'hf_one' });
    expect(new Set(requests.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer hf_one']));
    requests = [];
    writeFileSync(path.join(folder, 'home/token'), 'hf_two\n');
    await resolve('owner/steps');
    expect(requests[0]?.authorization).toBe('Bearer hf_two');
  });

  it('takes an empty variable for one that is not set', async () => {
    mkdirSync(path.join(folder, 'home'));
    writeFileSync(path.join(folder, 'home/token'), 'hf_two\n');
    await resolve('owner/steps', { HF_TOKEN: '', HF_HUB_CACHE: '' });
    expect(requests[0]?.authorization).toBe('Bearer hf_two');
    expect(existsSync(cached())).toBe(true);
  });

  it('asks for the revision given', async () => {
    await resolve('owner/steps@v1.0');
    expect(requests[0]?.url).toContain('/revision/v1.0?');
    expect(readFileSync(path.join(cached(), 'refs/v1.0'), 'utf8')).toBe(COMMIT);
  });

  it('goes on where the connection broke', async () => {
    const whole = sendFile;
    sendFile = (_, response) => {
      sendFile = whole;
      response.writeHead(200, { 'content-length': SAMPLE.length });
      response.write(SAMPLE.subarray(0, 100_000), () => response.destroy());
    };
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    const [first, second] = fileRequests();
    expect(first?.range).toBeUndefined();
    expect(second?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('goes on from what an earlier run left', async () => {
    mkdirSync(path.join(cached(), 'blobs'), { recursive: true });
    writeFileSync(path.join(cached(), 'blobs', `${SHA256}.incomplete`), SAMPLE.subarray(0, 5000));
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    expect(requests.at(-1)?.range).toBe('bytes=5000-');
  });

  it('is downloaded by two processes at once without harm, each into a file of its own', async () => {
    mkdirSync(path.join(cached(), 'blobs'), { recursive: true });
    // The parent process lives: what it writes is not ours.
    writeFileSync(path.join(cached(), 'blobs', `${SHA256}.incomplete.${process.ppid}`), 'theirs');
    // A process that is gone left this.
    writeFileSync(path.join(cached(), 'blobs', `${SHA256}.incomplete.999999999`), SAMPLE.subarray(0, 7000));
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    expect(requests.at(-1)?.range).toBe('bytes=7000-');
    expect(readdirSync(path.join(cached(), 'blobs')).filter((name) => name.includes('incomplete'))).toEqual([
      `${SHA256}.incomplete.${process.ppid}`,
    ]);
  });

  it('is refused when other bytes came than the Hub lists, and not kept', async () => {
    sendFile = (_, response) => response.end(Buffer.alloc(SAMPLE.length));
    expect(await refusal(resolve('owner/steps'))).toBe(
      `HUB/datasets/owner/steps/resolve/${COMMIT}/${FILE}: the file that came is not the one that the Hub lists. ` +
        'Run the command again to download it anew.',
    );
    expect(readdirSync(path.join(cached(), 'blobs'))).toEqual([gitHash(CARD)]);
  });

  it("is checked by git's hash where it is no large file", async () => {
    card = '---\nconfigs:\n- config_name: small\n  data_files: small/*\n---\n';
    const { files } = await resolve('owner/steps:small');
    expect(readFileSync(files[0] ?? '', 'utf8')).toBe(ROWS);
    expect(fileRequests()).toEqual([]);
  });

  it('is waited for where the Hub is busy', async () => {
    const whole = sendFile;
    sendFile = (_, response) => {
      sendFile = whole;
      response.writeHead(429, { 'retry-after': '0' }).end('slow down');
    };
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    expect(fileRequests()).toHaveLength(2);
  });

  it('is not waited for longer than a person would, and says when to come back', async () => {
    sendFile = (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end();
    expect(await refusal(resolve('owner/steps'))).toBe(
      `HUB/datasets/owner/steps/resolve/${COMMIT}/${FILE}: the server answered 429 Too Many Requests, too many requests. ` +
        'Try again in 3600 s; with a token in HF_TOKEN the Hub allows more.',
    );
    expect(fileRequests()).toHaveLength(1);
  });

  it('comes in as many pieces as a bad line breaks it into', async () => {
    sendFile = (request, response) => {
      const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(start > 0 ? 206 : 200, { 'content-length': SAMPLE.length - start });
      response.write(SAMPLE.subarray(start, start + SAMPLE.length / 5), () => response.destroy());
    };
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    expect(fileRequests().length).toBeGreaterThan(4);
  });

  it('stops on request, and keeps what came', async () => {
    const stop = new AbortController();
    sendFile = (_, response) => {
      response.writeHead(200, { 'content-length': SAMPLE.length });
      response.write(SAMPLE.subarray(0, 50_000), () => {
        setTimeout(() => {
          stop.abort();
        }, 100);
      });
    };
    const resolving = resolveDataset('owner/steps', { environment: environment(), signal: stop.signal });
    await expect(resolving).rejects.toThrow(CancelledError);
    const [partial] = readdirSync(path.join(cached(), 'blobs')).filter((name) =>
      name.endsWith('.incomplete'),
    );
    expect(partial).toBe(`${SHA256}.incomplete`);
  });
});

describe('a configuration and a split', () => {
  it('that the dataset does not have are refused with what it has', async () => {
    card =
      '---\nconfigs:\n- config_name: one\n  data_files: data/*\n- config_name: two\n  data_files: small/*\n---\n';
    expect(await refusal(resolve('owner/steps'))).toBe(
      'owner/steps: the dataset has 2 configurations, and none of them is the usual one: one, two. ' +
        'Choose one, such as owner/steps:one.',
    );
    expect(await refusal(resolve('owner/steps:three'))).toBe(
      'owner/steps:three: the dataset has no configuration three; it has one, two. Choose one, such as owner/steps:one.',
    );
    expect(await refusal(resolve('owner/steps:one/dev'))).toBe(
      'owner/steps:one/dev: the dataset has no split dev; it has test, train. Choose one, such as owner/steps:one/test.',
    );
    expect((await resolve('owner/steps:two')).files[0]).toMatch(/rows\.jsonl$/);
  });

  it('are found in the cache too', async () => {
    card =
      '---\nconfigs:\n- config_name: one\n  data_files: data/train*\n- config_name: two\n  data_files: small/*\n---\n';
    const before = await resolve('owner/steps:two/train');
    const offline = { HF_HUB_OFFLINE: '1' };
    expect(await resolve('owner/steps:two/train', offline)).toEqual(before);
    expect(await refusal(resolve('owner/steps:one', offline))).toContain(
      'the dataset has no configuration one; it has two',
    );
  });
});

describe('what a dataset consists of', () => {
  const parts = (more: NodeJS.ProcessEnv = {}) =>
    hubParts({ id: 'owner/steps', revision: 'main' }, { environment: environment(more) });

  it('is listed with sizes, and nothing but the card is downloaded', async () => {
    card =
      '---\nconfigs:\n- config_name: one\n  data_files: data/*\n- config_name: two\n  data_files: small/*\n---\n';
    expect(await parts()).toEqual([
      { config: 'one', split: 'test', files: ['data/test-00000-of-00001.parquet'], bytes: 9 },
      { config: 'one', split: 'train', files: [FILE], bytes: SAMPLE.length },
      { config: 'two', split: 'train', files: ['small/rows.jsonl'], bytes: ROWS.length },
    ]);
    expect(requests.filter(({ url }) => url.includes('/resolve/'))).toHaveLength(1);
  });

  it('is what the cache has where there is no connection', async () => {
    await resolve('owner/steps');
    await new Promise((closed) => server.close(closed));
    expect(await parts()).toEqual([{ config: 'main', split: 'train', files: [FILE], bytes: SAMPLE.length }]);
    expect(await parts({ HF_HUB_OFFLINE: '1' })).toHaveLength(1);
  });
});

describe('a dataset that cannot be had', () => {
  it('missing', async () => {
    expect(await refusal(resolve('owner/nothing'))).toBe(
      'owner/nothing: the Hub has no such dataset or revision, or it is private or gated (status 404). ' +
        'Check the id; for a private or gated dataset set HF_TOKEN. A local file is given by its path.',
    );
  });

  it('private', async () => {
    expect(await refusal(resolve('owner/secret', { HF_TOKEN: 'hf_wrong' }))).toBe(
      'owner/secret: the Hub has no such dataset or revision, or it is private or gated (status 401). ' +
        'Check the id, and that the token in HF_TOKEN may read it. A local file is given by its path.',
    );
  });

  it('without a file that we read', async () => {
    expect(await refusal(resolve('owner/empty'))).toBe(
      'owner/empty: the dataset has no Parquet, JSONL or JSON file. Convert it to Parquet or JSONL and give its path.',
    );
  });

  it('file refused', async () => {
    sendFile = (_, response) => response.writeHead(403).end();
    expect(await refusal(resolve('owner/steps'))).toBe(
      `HUB/datasets/owner/steps/resolve/${COMMIT}/${FILE}: the server answered 403 Forbidden. ` +
        'Try again later, or download the file yourself and give its path.',
    );
  });

  it('a token that is none', async () => {
    expect(await refusal(resolve('owner/steps', { HF_TOKEN: 'secret' }))).toBe(
      "HF_TOKEN: Your access token must start with 'hf_'. Correct or unset it.",
    );
  });
});

describe('without a connection', () => {
  // A port that was just given back refuses connections.
  const closeServer = () => new Promise((resolve) => server.close(resolve));

  it('says so, and what to do', async () => {
    await closeServer();
    expect(await refusal(resolve('owner/steps@v2'))).toBe(
      'owner/steps@v2: the Hub cannot be reached at HUB (ECONNREFUSED). ' +
        'Download the Parquet or JSONL file on another machine and give its path as --dataset.',
    );
  });

  it('takes what was downloaded before', async () => {
    const before = await resolve('owner/steps');
    await closeServer();
    expect(await resolve('owner/steps')).toEqual(before);
    expect(await resolve(`owner/steps@${COMMIT}`)).toEqual(before);
  });

  it('asks nobody when HF_HUB_OFFLINE is set', async () => {
    const offline = { HF_HUB_OFFLINE: '1' };
    expect(await refusal(resolve('owner/steps', offline))).toBe(
      'owner/steps: HF_HUB_OFFLINE is set, and the dataset is not in the cache (/home/hub/datasets--owner--steps). ' +
        'Download the Parquet or JSONL file on another machine and give its path as --dataset.',
    );
    expect(requests).toEqual([]);
    const before = await resolve('owner/steps');
    requests = [];
    expect(await resolve('owner/steps', offline)).toEqual(before);
    expect(requests).toEqual([]);
  });

  it('honours HF_HUB_CACHE', async () => {
    await resolve('owner/steps', { HF_HUB_CACHE: path.join(folder, 'elsewhere') });
    expect(existsSync(path.join(folder, 'elsewhere/datasets--owner--steps/refs/main'))).toBe(true);
  });
});

describe('what a dataset is', () => {
  it('a file wherever one is there', async () => {
    const here = process.cwd();
    mkdirSync(path.join(folder, 'owner'));
    writeFileSync(path.join(folder, 'owner/steps'), '{}');
    process.chdir(folder);
    try {
      expect(await resolve('owner/steps')).toEqual({ files: ['owner/steps'] });
    } finally {
      process.chdir(here);
    }
    expect(requests).toEqual([]);
  });

  it.each([
    'data/rows.jsonl',
    './owner/name',
    '/owner/name',
    '../x/y',
    'a/b/c',
    'rows.parquet',
    'name',
    'C:\\rows',
  ])('a path, that must be there: %s', async (dataset) => {
    expect(await refusal(resolve(dataset))).toBe(
      `${dataset}: there is no such file. Check the path, or give a dataset of the Hub as owner/name.`,
    );
  });
});
