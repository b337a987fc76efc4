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
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { formatDataset } from '../../../../server/src/datasets/format/format.ts';
import { hubParts } from '../../../../server/src/datasets/hub/hubDataset.ts';
import { resolveDataset, type ResolvedDataset } from '../../../../server/src/datasets/resolveDataset.ts';
import { breakAfter, gitHash, HUB_COMMIT, sendAsAsked, sha256, TestHub } from '../../../support/testHub.ts';

const SAMPLE = readFileSync(
  path.resolve(import.meta.dirname, '../../../../samples/gsm8k-stepwise-sample.parquet'),
);
const SHA256 = sha256(SAMPLE);
const COMMIT = HUB_COMMIT;
const FILE = 'data/train-00000-of-00001.parquet';
const CARD =
  '---\nconfigs:\n- config_name: main\n  data_files:\n  - split: train\n    path: data/train-*\n---\n# Steps\n';
const ROWS = '{"prompt":"1+1","completions":["2"],"labels":[true]}\n';

let folder: string;
let hub: TestHub;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hub-'));
  hub = new TestHub();
  hub.refusals.set('datasets/owner/secret', 401);
  hub.repositories.set('datasets/owner/empty', { files: {} });
  offer(CARD);
  await hub.start();
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

/** Lists the dataset with another card. */
function offer(card: string): void {
  hub.repositories.set('datasets/owner/steps', {
    files: {
      'README.md': card,
      'data/test-00000-of-00001.parquet': Buffer.from('no matter'),
      'small/rows.jsonl': ROWS,
      [FILE]: SAMPLE,
    },
  });
}

/** Requests for the dataset's own file. */
const fileRequests = () => hub.requestsFor(FILE);

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { HF_ENDPOINT: hub.endpoint, HF_HOME: path.join(folder, 'home'), ...more };
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
    .replaceAll(hub.endpoint, 'HUB');
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
    expect(new Set(hub.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer hf_one']),
    );
    hub.requests = [];
    writeFileSync(path.join(folder, 'home/token'), 'hf_two\n');
    await resolve('owner/steps');
    expect(hub.requests[0]?.authorization).toBe('Bearer hf_two');
  });

  it('takes an empty variable for one that is not set', async () => {
    mkdirSync(path.join(folder, 'home'));
    writeFileSync(path.join(folder, 'home/token'), 'hf_two\n');
    await resolve('owner/steps', { HF_TOKEN: '', HF_HUB_CACHE: '' });
    expect(hub.requests[0]?.authorization).toBe('Bearer hf_two');
    expect(existsSync(cached())).toBe(true);
  });

  it('asks for the revision given', async () => {
    await resolve('owner/steps@v1.0');
    expect(hub.requests[0]?.url).toContain('/revision/v1.0?');
    expect(readFileSync(path.join(cached(), 'refs/v1.0'), 'utf8')).toBe(COMMIT);
  });

  it('goes on where the connection broke', async () => {
    hub.answers.set(FILE, (request, response, bytes) => {
      hub.answers.set(FILE, sendAsAsked);
      breakAfter(100_000)(request, response, bytes);
    });
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
    expect(hub.requests.at(-1)?.range).toBe('bytes=5000-');
  });

  it('is downloaded by two processes at once without harm, each into a file of its own', async () => {
    mkdirSync(path.join(cached(), 'blobs'), { recursive: true });
    // The parent process lives: what it writes is not ours.
    writeFileSync(path.join(cached(), 'blobs', `${SHA256}.incomplete.${process.ppid}`), 'theirs');
    // A process that is gone left this.
    writeFileSync(path.join(cached(), 'blobs', `${SHA256}.incomplete.999999999`), SAMPLE.subarray(0, 7000));
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    expect(hub.requests.at(-1)?.range).toBe('bytes=7000-');
    expect(readdirSync(path.join(cached(), 'blobs')).filter((name) => name.includes('incomplete'))).toEqual([
      `${SHA256}.incomplete.${process.ppid}`,
    ]);
  });

  it('is refused when other bytes came than the Hub lists, and not kept', async () => {
    hub.answers.set(FILE, (_, response) => response.end(Buffer.alloc(SAMPLE.length)));
    expect(await refusal(resolve('owner/steps'))).toBe(
      `HUB/datasets/owner/steps/resolve/${COMMIT}/${FILE}: the file that came is not the one that the Hub lists. ` +
        'Run the command again to download it anew.',
    );
    expect(readdirSync(path.join(cached(), 'blobs'))).toEqual([gitHash(CARD)]);
  });

  it("is checked by git's hash where it is no large file", async () => {
    offer('---\nconfigs:\n- config_name: small\n  data_files: small/*\n---\n');
    const { files } = await resolve('owner/steps:small');
    expect(readFileSync(files[0] ?? '', 'utf8')).toBe(ROWS);
    expect(fileRequests()).toEqual([]);
  });

  it('is waited for where the Hub is busy', async () => {
    hub.answers.set(FILE, (_, response) => {
      hub.answers.set(FILE, sendAsAsked);
      response.writeHead(429, { 'retry-after': '0' }).end('slow down');
    });
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    expect(fileRequests()).toHaveLength(2);
  });

  it('is not waited for longer than a person would, and says when to come back', async () => {
    hub.answers.set(FILE, (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    expect(await refusal(resolve('owner/steps'))).toBe(
      `HUB/datasets/owner/steps/resolve/${COMMIT}/${FILE}: the server answered 429 Too Many Requests, too many requests. ` +
        'Try again in 3600 s; with a token in HF_TOKEN the Hub allows more.',
    );
    expect(fileRequests()).toHaveLength(1);
  });

  it('comes in as many pieces as a bad line breaks it into', async () => {
    hub.answers.set(FILE, breakAfter(SAMPLE.length / 5));
    const { files } = await resolve('owner/steps');
    expect(readFileSync(files[0] ?? '').equals(SAMPLE)).toBe(true);
    expect(fileRequests().length).toBeGreaterThan(4);
  });

  it('stops on request, and keeps what came', async () => {
    const stop = new AbortController();
    hub.answers.set(FILE, (_, response) => {
      response.writeHead(200, { 'content-length': SAMPLE.length });
      response.write(SAMPLE.subarray(0, 50_000), () => {
        setTimeout(() => {
          stop.abort();
        }, 100);
      });
    });
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
    offer(
      '---\nconfigs:\n- config_name: one\n  data_files: data/*\n- config_name: two\n  data_files: small/*\n---\n',
    );
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
    offer(
      '---\nconfigs:\n- config_name: one\n  data_files: data/train*\n- config_name: two\n  data_files: small/*\n---\n',
    );
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
    offer(
      '---\nconfigs:\n- config_name: one\n  data_files: data/*\n- config_name: two\n  data_files: small/*\n---\n',
    );
    expect(await parts()).toEqual([
      { config: 'one', split: 'test', files: ['data/test-00000-of-00001.parquet'], bytes: 9 },
      { config: 'one', split: 'train', files: [FILE], bytes: SAMPLE.length },
      { config: 'two', split: 'train', files: ['small/rows.jsonl'], bytes: ROWS.length },
    ]);
    expect(hub.requests.filter(({ url }) => url.includes('/resolve/'))).toHaveLength(1);
  });

  it('is what the cache has where there is no connection', async () => {
    await resolve('owner/steps');
    await hub.close();
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
    hub.answers.set(FILE, (_, response) => response.writeHead(403).end());
    expect(await refusal(resolve('owner/steps'))).toBe(
      `HUB/datasets/owner/steps/resolve/${COMMIT}/${FILE}: the server answered 403 Forbidden: the repository is gated, and its ` +
        'files are for those who accepted its conditions. Accept them on its page, and set HF_TOKEN to a token of that account.',
    );
  });

  it('a token that is none', async () => {
    expect(await refusal(resolve('owner/steps', { HF_TOKEN: 'secret' }))).toBe(
      "HF_TOKEN: Your access token must start with 'hf_'. Correct or unset it.",
    );
  });
});

describe('without a connection', () => {
  it('says so, and what to do', async () => {
    await hub.close();
    expect(await refusal(resolve('owner/steps@v2'))).toBe(
      'owner/steps@v2: the Hub cannot be reached at HUB (ECONNREFUSED). ' +
        'Download the Parquet or JSONL file on another machine and give its path as --dataset.',
    );
  });

  it('takes what was downloaded before', async () => {
    const before = await resolve('owner/steps');
    await hub.close();
    expect(await resolve('owner/steps')).toEqual(before);
    expect(await resolve(`owner/steps@${COMMIT}`)).toEqual(before);
  });

  it('asks nobody when HF_HUB_OFFLINE is set', async () => {
    const offline = { HF_HUB_OFFLINE: '1' };
    expect(await refusal(resolve('owner/steps', offline))).toBe(
      'owner/steps: HF_HUB_OFFLINE is set, and the dataset is not in the cache (/home/hub/datasets--owner--steps). ' +
        'Download the Parquet or JSONL file on another machine and give its path as --dataset.',
    );
    expect(hub.requests).toEqual([]);
    const before = await resolve('owner/steps');
    hub.requests = [];
    expect(await resolve('owner/steps', offline)).toEqual(before);
    expect(hub.requests).toEqual([]);
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
    expect(hub.requests).toEqual([]);
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
