// Models by name, against a small server on this machine that speaks the needed parts of the Hub's API.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveModel, type ResolvedModel } from '../../../../server/src/models/hub/resolveModel.ts';
import { CancelledError } from '../../../../server/src/support/errors.ts';
import { breakAfter, gitHash, HUB_COMMIT, sendAsAsked, sha256, TestHub } from '../../../support/testHub.ts';

const CONFIG = readFileSync(
  path.resolve(import.meta.dirname, '../../../fixtures/backbone/config.json'),
  'utf8',
);
const WEIGHTS = Buffer.from('the bytes of the weights '.repeat(20_000));
const SHARDS = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const;
const INDEX = JSON.stringify({ weight_map: { a: SHARDS[0], b: SHARDS[1], c: SHARDS[0] } });

/** What nobody needs to train. */
const NOT_NEEDED = {
  'README.md': '# Tiny',
  'pytorch_model.bin': Buffer.from('pickled'),
  'model.gguf': Buffer.from('GGUF'),
  'onnx/model.onnx': Buffer.from('onnx'),
  'original/consolidated.00.pth': Buffer.from('torch'),
  'consolidated.safetensors': Buffer.from('the same again'),
};
const SETTINGS = {
  'config.json': CONFIG,
  'tokenizer.json': '{"tokenizer":1}',
  'tokenizer_config.json': '{}',
  'generation_config.json': '{}',
};
const WHOLE = { ...SETTINGS, 'model.safetensors': WEIGHTS };

let folder: string;
let hub: TestHub;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hub-model-'));
  hub = new TestHub();
  hub.repositories.set('models/owner/tiny', { files: { ...NOT_NEEDED, ...WHOLE } });
  await hub.start();
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { HF_ENDPOINT: hub.endpoint, HF_HOME: path.join(folder, 'home'), ...more };
}

function resolve(name: string, more: NodeJS.ProcessEnv = {}): Promise<ResolvedModel> {
  return resolveModel(name, { environment: environment(more) });
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

const repository = (): string => path.join(folder, 'home/hub/models--owner--tiny');
const snapshot = (): string => path.join(repository(), 'snapshots', HUB_COMMIT);
const downloaded = (): string[] =>
  hub.requests
    .filter(({ url }) => url.includes('/resolve/'))
    .map(({ url }) => url.replace(`/owner/tiny/resolve/${HUB_COMMIT}/`, ''));

describe('a model of the Hub', () => {
  it('is downloaded once into the cache that all Hub tools share, without the files that nobody needs', async () => {
    const progress: [number, number][] = [];
    const model = await resolveModel('owner/tiny', {
      environment: environment(),
      onDownload: (done, total) => progress.push([done, total]),
    });
    expect(model).toEqual({ folder: snapshot(), name: 'owner/tiny', revision: HUB_COMMIT, notes: [] });
    expect(readdirSync(snapshot()).sort()).toEqual(Object.keys(WHOLE).sort());
    expect(readFileSync(path.join(snapshot(), 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(readFileSync(path.join(repository(), 'refs/main'), 'utf8')).toBe(HUB_COMMIT);
    expect(readdirSync(path.join(repository(), 'blobs'))).toContain(sha256(WEIGHTS));
    expect(downloaded()[0]).toBe('config.json');

    const total = Object.values(WHOLE).reduce((sum, content) => sum + content.length, 0);
    expect(progress.at(-1)).toEqual([total, total]);
    const done = progress.map(([bytes]) => bytes);
    expect(done).toEqual(done.toSorted((a, b) => a - b));

    hub.requests = [];
    expect(await resolve('owner/tiny')).toEqual(model);
    expect(downloaded()).toEqual([]);
  });

  it('in several files comes with all that its index names', async () => {
    const [first, second] = SHARDS.map((name) => Buffer.from(name.repeat(50)));
    hub.repositories.set('models/owner/tiny', {
      files: {
        ...SETTINGS,
        'model.safetensors.index.json': INDEX,
        [SHARDS[0]]: first ?? '',
        [SHARDS[1]]: second ?? '',
        'model-00001-of-00099.safetensors': Buffer.from('of another way to cut it'),
      },
    });
    await resolve('owner/tiny');
    expect(downloaded().slice(-2)).toEqual([...SHARDS]);
    expect(existsSync(path.join(snapshot(), 'model.safetensors.index.json'))).toBe(true);
  });

  it('that Python fetched before is used as it is', async () => {
    mkdirSync(path.join(repository(), 'blobs'), { recursive: true });
    mkdirSync(snapshot(), { recursive: true });
    for (const [name, content] of Object.entries(WHOLE)) {
      const blob = typeof content === 'string' ? gitHash(content) : sha256(content);
      writeFileSync(path.join(repository(), 'blobs', blob), content);
      symlinkSync(path.join('../../blobs', blob), path.join(snapshot(), name));
    }
    expect((await resolve('owner/tiny')).folder).toBe(snapshot());
    expect(downloaded()).toEqual([]);
  });

  it('whose bytes another commit brought is not downloaded again', async () => {
    mkdirSync(path.join(repository(), 'blobs'), { recursive: true });
    writeFileSync(path.join(repository(), 'blobs', sha256(WEIGHTS)), WEIGHTS);
    await resolve('owner/tiny');
    expect(downloaded()).not.toContain('model.safetensors');
    expect(readFileSync(path.join(snapshot(), 'model.safetensors')).equals(WEIGHTS)).toBe(true);
  });

  it.each<[string, { commit?: string; listedHash?: Record<string, string> }]>([
    ['commit', { commit: '../../../outside' }],
    ['hash', { listedHash: { 'config.json': '../../../outside' } }],
  ])('of a server that would write outside of the cache is refused: %s', async (_, lie) => {
    hub.repositories.set('models/owner/tiny', { files: WHOLE, ...lie });
    await expect(resolve('owner/tiny')).rejects.toThrow('"../../../outside", which is no hash');
    expect(existsSync(path.join(folder, 'outside'))).toBe(false);
  });

  it('is taken without the files whose paths lead out of it', async () => {
    const outside = { '../../../../outside': 'x', '..\\outside': 'x', 'a//b': 'x' };
    hub.repositories.set('models/owner/tiny', { files: { ...outside, ...WHOLE } });
    expect((await resolve('owner/tiny')).folder).toBe(snapshot());
  });

  it.each(['owner/tiny@../../x', 'owner/tiny@v1/../../x'])(
    'has no revision that leads out: %s',
    async (name) => {
      await expect(resolve(name)).rejects.toThrow('there is no such folder');
      expect(hub.requests).toEqual([]);
    },
  );

  it('is asked for by revision, with the token', async () => {
    await resolve('owner/tiny@v1', { HF_TOKEN: 'hf_one' });
    expect(hub.requests[0]?.url).toContain('/api/models/owner/tiny/revision/v1?');
    expect(new Set(hub.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer hf_one']),
    );
    expect(readFileSync(path.join(repository(), 'refs/v1'), 'utf8')).toBe(HUB_COMMIT);
  });

  it('by its commit is taken from the cache without asking', async () => {
    await resolve('owner/tiny');
    hub.requests = [];
    expect((await resolve(`owner/tiny@${HUB_COMMIT}`)).folder).toBe(snapshot());
    expect(hub.requests).toEqual([]);
  });

  it('goes on where the connection broke', async () => {
    hub.answers.set('model.safetensors', (request, response, bytes) => {
      hub.answers.set('model.safetensors', sendAsAsked);
      breakAfter(200_000)(request, response, bytes);
    });
    await resolve('owner/tiny');
    expect(readFileSync(path.join(snapshot(), 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(hub.requestsFor('model.safetensors')[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('stops on request and goes on from there the next time', async () => {
    const stop = new AbortController();
    hub.answers.set('model.safetensors', (_, response) => {
      response.writeHead(200, { 'content-length': WEIGHTS.length });
      response.write(WEIGHTS.subarray(0, 300_000));
    });
    const resolving = resolveModel('owner/tiny', {
      environment: environment(),
      signal: stop.signal,
      onDownload: (done) => {
        if (done > 100_000) stop.abort();
      },
    });
    await expect(resolving).rejects.toThrow(CancelledError);
    hub.answers.set('model.safetensors', sendAsAsked);
    await resolve('owner/tiny');
    expect(hub.requestsFor('model.safetensors').at(-1)?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(readFileSync(path.join(snapshot(), 'model.safetensors')).equals(WEIGHTS)).toBe(true);
  });

  it('is waited for where the Hub is busy', async () => {
    hub.answers.set('config.json', (_, response) => {
      hub.answers.set('config.json', sendAsAsked);
      response.writeHead(429, { 'retry-after': '0' }).end();
    });
    await resolve('owner/tiny');
    expect(hub.requestsFor('config.json')).toHaveLength(2);
  });
});

describe('a model that cannot be had', () => {
  const offer = (files: Record<string, string | Buffer>) =>
    hub.repositories.set('models/owner/tiny', { files });

  it('missing, with the name that was meant', async () => {
    expect(await refusal(resolve('Qwen/Qwen3-0.6b-Bse'))).toBe(
      'Qwen/Qwen3-0.6b-Bse: the Hub has no such model or revision, or it is private or gated (status 404). ' +
        'Did you mean Qwen/Qwen3-0.6B-Base? Check the id; for a private or gated model set HF_TOKEN. ' +
        'A local folder is given by its path.',
    );
    expect(await refusal(resolve('nobody/nothing-like-it'))).not.toContain('Did you mean');
  });

  it('private', async () => {
    hub.refusals.set('models/owner/tiny', 401);
    expect(await refusal(resolve('owner/tiny', { HF_TOKEN: 'hf_wrong' }))).toBe(
      'owner/tiny: the Hub has no such model or revision, or it is private or gated (status 401). ' +
        'Check the id, and that the token in HF_TOKEN may read it. A local folder is given by its path.',
    );
  });

  it.each([
    [{}, 'Accept them on its page, and set HF_TOKEN to a token of that account.'],
    [
      { HF_TOKEN: 'hf_one' },
      'Accept them on its page with the account whose token is in HF_TOKEN; the token must be allowed to read gated repositories.',
    ],
  ])('gated: listed, and its files refused %j', async (more, remedy) => {
    hub.answers.set('config.json', (_, response) => response.writeHead(403).end());
    expect(await refusal(resolve('owner/tiny', more))).toBe(
      `HUB/owner/tiny/resolve/${HUB_COMMIT}/config.json: the server answered 403 Forbidden: the repository is gated, ` +
        `and its files are for those who accepted its conditions. ${remedy}`,
    );
  });

  it('busy for longer than a person waits', async () => {
    hub.answers.set('config.json', (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    expect(await refusal(resolve('owner/tiny'))).toContain('Try again in 3600 s');
  });

  it('of an architecture that does not run here, before its weights are downloaded', async () => {
    offer({ ...WHOLE, 'config.json': CONFIG.replace('"llama"', '"deepseek_v3"') });
    expect(await refusal(resolve('owner/tiny'))).toMatch(
      /^owner\/tiny\/config\.json: .*model_type.* Use the config\.json of a model of one of the types qwen3, qwen2, llama, mistral\.$/,
    );
    offer({ ...WHOLE, 'config.json': CONFIG.replace('{', '{"quantization_config":{"bits":4},') });
    expect(await refusal(resolve('owner/tiny'))).toContain('quantization_config is {"bits":4}');
    offer({ ...WHOLE, 'config.json': '{' });
    expect(await refusal(resolve('owner/tiny'))).toContain('owner/tiny/config.json: it is not JSON');
    expect(new Set(downloaded())).toEqual(new Set(['config.json']));
  });

  it.each<[string, Record<string, string | Buffer>, string]>([
    [
      'pickled weights',
      { ...SETTINGS, 'pytorch_model.bin': Buffer.from('x') },
      'the repository has no model.safetensors; its weights are in pytorch_model.bin, which may hold programs',
    ],
    [
      'GGUF only',
      { 'config.json': CONFIG, 'tiny-q8.gguf': Buffer.from('x') },
      'the repository holds GGUF files and no model.safetensors. Download one, such as tiny-q8.gguf, and give its path',
    ],
    ['no weights', SETTINGS, 'the repository has no model.safetensors'],
    ['an adapter', { 'adapter_config.json': '{}' }, 'the repository holds an adapter, not a whole model'],
    ['nothing', {}, 'the repository has no config.json'],
    [
      'SentencePiece only',
      { 'config.json': CONFIG, 'tokenizer.model': 'x', 'model.safetensors': WEIGHTS },
      'the repository has no tokenizer.json, only tokenizer.model (SentencePiece)',
    ],
    [
      'a shard too few',
      { ...SETTINGS, 'model.safetensors.index.json': INDEX, [SHARDS[0]]: WEIGHTS },
      'model-00002-of-00002.safetensors is missing, which model.safetensors.index.json names',
    ],
    [
      'a damaged index',
      { ...SETTINGS, 'model.safetensors.index.json': '{"weight_map":[1]}', [SHARDS[0]]: WEIGHTS },
      'owner/tiny/model.safetensors.index.json: it has no weight_map of file names',
    ],
  ])('with %s, before weights are downloaded', async (_, files, message) => {
    offer(files);
    expect(await refusal(resolve('owner/tiny'))).toContain(message);
    expect(downloaded().filter((file) => /(?:\d|model)\.safetensors$/.test(file))).toEqual([]);
  });

  it('larger than the disk, before anything large is downloaded', async () => {
    hub.repositories.set('models/owner/tiny', {
      files: WHOLE,
      listedBytes: { 'model.safetensors': 8e18 },
    });
    expect(await refusal(resolve('owner/tiny'))).toMatch(
      /^\/home\/hub\/models--owner--tiny: downloading owner\/tiny needs 8000000000\.0 GB, and the disk has [\d.]+ [GM]B free\. Free some space, or set HF_HUB_CACHE to a folder on another disk\.$/,
    );
    expect(downloaded()).toEqual(['config.json']);
  });

  it('with other bytes than the Hub lists, which are not kept', async () => {
    hub.answers.set('model.safetensors', (_, response) => response.end(Buffer.alloc(WEIGHTS.length)));
    expect(await refusal(resolve('owner/tiny'))).toContain(
      'model.safetensors: the file that came is not the one that the Hub lists',
    );
    expect(readdirSync(path.join(repository(), 'blobs'))).not.toContain(sha256(WEIGHTS));
    expect(existsSync(path.join(repository(), 'refs/main'))).toBe(false);
  });
});

describe('without a connection', () => {
  it('says so, and what to do', async () => {
    await hub.close();
    expect(await refusal(resolve('owner/tiny'))).toBe(
      'owner/tiny: the Hub cannot be reached at HUB (ECONNREFUSED). ' +
        'Copy the folder of the model from another machine and give its path as --model_name.',
    );
  });

  it('takes what was downloaded before, and says so', async () => {
    const before = await resolve('owner/tiny');
    await hub.close();
    expect(await resolve('owner/tiny')).toEqual({
      ...before,
      notes: ['The Hub cannot be reached: the copy of owner/tiny in the cache is used.'],
    });
  });

  it('takes what was downloaded before where the Hub is down', async () => {
    await resolve('owner/tiny');
    hub.refusals.set('models/owner/tiny', 503);
    expect((await resolve('owner/tiny')).notes).toEqual([
      'The Hub answered with status 503: the copy of owner/tiny in the cache is used.',
    ]);
  });

  it('asks nobody when HF_HUB_OFFLINE is set', async () => {
    const offline = { HF_HUB_OFFLINE: '1' };
    expect(await refusal(resolve('owner/tiny', offline))).toBe(
      'owner/tiny: HF_HUB_OFFLINE is set, and the cache lacks the model (/home/hub/models--owner--tiny). ' +
        'Copy the folder of the model from another machine and give its path as --model_name.',
    );
    expect(hub.requests).toEqual([]);
    const before = await resolve('owner/tiny');
    hub.requests = [];
    expect(await resolve('owner/tiny', offline)).toEqual(before);
    expect(hub.requests).toEqual([]);
  });

  it('does not take a part for the whole', async () => {
    await resolve('owner/tiny');
    rmSync(path.join(snapshot(), 'tokenizer.json'));
    expect(await refusal(resolve('owner/tiny', { HF_HUB_OFFLINE: '1' }))).toContain(
      'the cache has a part of it only: the repository has no tokenizer.json',
    );
  });
});

describe('a model by name', () => {
  it('is a local folder wherever one is there', async () => {
    const here = process.cwd();
    mkdirSync(path.join(folder, 'owner/tiny'), { recursive: true });
    process.chdir(folder);
    try {
      expect(await resolve('owner/tiny')).toEqual({
        folder: path.join(process.cwd(), 'owner/tiny'),
        name: 'owner/tiny',
        notes: [],
      });
    } finally {
      process.chdir(here);
    }
    expect(hub.requests).toEqual([]);
  });

  it('that nobody published is answered with the nearest one and a note', async () => {
    hub.repositories.set('models/Qwen/Qwen3-1.7B', { files: WHOLE });
    const { name, notes, revision } = await resolve('Qwen/Qwen3-1.5B');
    expect({ name, notes, revision }).toEqual({
      name: 'Qwen/Qwen3-1.7B',
      notes: [
        'There is no Qwen/Qwen3-1.5B: Qwen3 comes in 0.6B, 1.7B, 4B and 8B. Qwen/Qwen3-1.7B is taken instead.',
      ],
      revision: HUB_COMMIT,
    });
  });

  it('that nobody published is explained where the nearest one cannot be had either', async () => {
    await hub.close();
    expect(await refusal(resolve('Qwen/Qwen3-1.5B'))).toBe(
      'Qwen/Qwen3-1.7B: the Hub cannot be reached at HUB (ECONNREFUSED). ' +
        'There is no Qwen/Qwen3-1.5B: Qwen3 comes in 0.6B, 1.7B, 4B and 8B. Qwen/Qwen3-1.7B is taken instead. ' +
        'Copy the folder of the model from another machine and give its path as --model_name.',
    );
  });

  it.each([
    ['qwen3-0.6b', 'Did you mean Qwen/Qwen3-0.6B? Models of the Hub are named owner/name.'],
    ['SmolLM2-135', 'Did you mean HuggingFaceTB/SmolLM2-135M? Models of the Hub are named owner/name.'],
    ['./models/tiny', 'Check the path, or give a model of the Hub as owner/name, such as Qwen/Qwen3-0.6B.'],
    ['gpt', 'Check the path, or give a model of the Hub as owner/name, such as Qwen/Qwen3-0.6B.'],
  ])('that is no name of the Hub and no folder: %s', async (name, remedy) => {
    expect(await refusal(resolve(name))).toBe(`${name}: there is no such folder. ${remedy}`);
    expect(hub.requests).toEqual([]);
  });

  it('is not a file', async () => {
    writeFileSync(path.join(folder, 'model.safetensors'), '');
    expect(await refusal(resolve(path.join(folder, 'model.safetensors')))).toContain(
      'this is a file, and a model is a folder',
    );
  });
});
