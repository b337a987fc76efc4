// The cache that nothing is paid for twice with: killed processes, damage, full disks, and being cleared while it is used.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import fsPromises, { open } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  clearCache,
  listCache,
  sizeOfCache,
  verifyCache,
} from '../../../server/src/generation/sampling/cacheUpkeep.ts';
import { CLI_FILE } from '../../support/bundles.ts';
import { SampleRun } from '../../support/sampleRun.ts';
import { streamed } from '../../support/testChatServer.ts';

let run: SampleRun;
beforeEach(async () => {
  run = await SampleRun.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await run.end();
});

const CONCURRENCY = 4;

/** `prm generate sample` as a process of its own, without a supervisor: what is killed is what works. */
function start(outputDir: string): ChildProcess {
  const { server, model = '', cacheDir = '', datasets } = run.options();
  return spawn(
    process.execPath,
    [
      ...[path.join(path.dirname(CLI_FILE), 'commandLine.cjs'), 'generate', 'sample', ...datasets],
      ...['--server', server, '--model', model, '--cache-dir', cacheDir, '--output-dir', run.at(outputDir)],
      ...['--num-samples-per-problem', '2', '--concurrency', String(CONCURRENCY)],
    ],
    { stdio: 'ignore', env: { ...process.env, PRM_API_KEY: '', OPENAI_API_KEY: '' } },
  );
}

describe('processes on one cache', () => {
  it.each([1, 7, 13])(
    'of which one is killed after %i requests: the other one finishes, and only what was under way is paid for again',
    async (requests) => {
      run.write(15);
      run.server.answer = streamed({ pause: 2 });
      const killed = start('killed');
      const answer = run.server.answer;
      run.server.answer = (call, response, request) => {
        if (run.server.calls.length === requests) killed.kill('SIGKILL');
        answer(call, response, request);
      };
      await once(killed, 'exit');
      const beside = start('beside');
      const last = start('last');
      const codes = await Promise.all([beside, last].map((child) => once(child, 'exit')));
      expect(codes.map(([code]) => code as unknown)).toEqual([0, 0]);
      const asked = run.server.calls.map(({ messages, seed }) => `${messages.at(-1)?.content} ${seed}`);
      expect(new Set(asked).size).toBe(30);
      expect(asked.length).toBeLessThanOrEqual(30 + CONCURRENCY);
      expect(run.written('beside')).toHaveLength(30);
      expect(run.written('last')).toEqual(run.written('beside'));
      expect(existsSync(run.at('killed/samples.jsonl'))).toBe(false);
      // One that was killed between keeping a sample and giving its claim back leaves a claim that nobody needs.
      await verifyCache(run.at('cache'));
      expect(run.cacheFiles('claims')).toEqual([]);
    },
  );
});

describe('a cache that was damaged', () => {
  const flip = (file: string): void => {
    writeFileSync(file, readFileSync(file, 'utf8').replace('add', 'sub'));
  };
  const cutLine = (file: string): void => {
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20));
  };
  const empty = (file: string): void => {
    writeFileSync(file, '');
  };
  const content = 'content/content-v2';
  const index = 'content/index-v5';

  it.each<[string, typeof content | typeof index, (file: string) => void]>([
    ['text that was changed', content, flip],
    ['text that is gone', content, rmSync],
    ['text that is empty', content, empty],
    ['an entry that was cut', index, cutLine],
    ['an entry that is empty', index, empty],
  ])('by %s: that sample alone is made again, and whole from then on', async (_, kind, damage) => {
    // At temperature 0 it is the same text again, which must take the place of the damaged one.
    const options = { temperature: 0 };
    await run.sample(options);
    const first = run.written();
    run.asked();
    damage(run.cacheFiles(kind)[0] ?? '');
    expect(await run.sample(options)).toMatchObject({ damaged: 1, samples: 6, counts: { cached: 5 } });
    expect(run.asked()).toEqual([1]);
    expect(run.written()).toEqual(first);
    expect(await run.sample(options)).toMatchObject({ damaged: 0, counts: { cached: 6 } });
    expect(await verifyCache(run.at('cache'))).toMatchObject({ entries: 6, removed: 0 });

    damage(run.cacheFiles(kind)[2] ?? '');
    expect(await verifyCache(run.at('cache'))).toMatchObject({ entries: 5, removed: 1 });
    expect(await verifyCache(run.at('cache'))).toMatchObject({ entries: 5, removed: 0 });
    expect(await run.sample(options)).toMatchObject({ damaged: 0, counts: { cached: 5 } });
  });
});

describe('a disk that is full', () => {
  const full = (): Promise<never> =>
    Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));

  it('under the cache: a clear error, and what was kept before is not asked for again', async () => {
    const { writeFile } = fsPromises;
    let written = 0;
    vi.spyOn(fsPromises, 'writeFile').mockImplementation((...args) =>
      ++written > 4 ? full() : writeFile(...args),
    );
    await expect(run.sample({ concurrency: 1 })).rejects.toThrow(
      /content: the disk is full \(ENOSPC\)\. Free some space and run the command again/,
    );
    expect(readdirSync(run.at('out'))).toEqual([]);
    vi.restoreAllMocks();
    run.asked();
    expect((await run.sample()).counts.cached).toBe(4);
    expect(run.asked()).toEqual([1, 1]);
  });

  it('under the output: a clear error, no half file, and everything is kept in the cache', async () => {
    const handle = await open(run.at('any'), 'w');
    const prototype = Object.getPrototypeOf(handle) as typeof handle;
    await handle.close();
    vi.spyOn(prototype, 'write').mockImplementation(full);
    await expect(run.sample()).rejects.toThrow(/samples\.jsonl: the disk is full/);
    vi.restoreAllMocks();
    expect(readdirSync(run.at('out'))).toEqual([]);
    run.asked();
    await run.sample();
    expect(run.asked()).toEqual([]);
  });
});

describe('looking after a cache', () => {
  it('tells when the newest answer of each model was kept, and what the disk gives for them', async () => {
    const before = Date.now();
    await run.sample();
    const [model] = await listCache(run.at('cache'));
    expect(Date.parse(model?.newest ?? '')).toBeGreaterThanOrEqual(before);
    const { entries, bytes, bytesOnDisk } = await sizeOfCache(run.at('cache'));
    expect(entries).toBe(6);
    expect(bytes).toBe(model?.bytes);
    // A file for each text and each entry, in blocks.
    expect(bytesOnDisk).toBeGreaterThanOrEqual(bytes);
  });

  it('removes what a killed process left, but not what may be under way', async () => {
    await run.sample();
    const old = Date.now() / 1000 - 3600;
    const orphan = run.at(`cache/content/content-v2/sha512/ab/cd/${'0'.repeat(124)}`);
    const fresh = run.at(`cache/content/content-v2/sha512/ab/cd/${'1'.repeat(124)}`);
    const half = run.at('cache/content/tmp/half');
    mkdirSync(path.dirname(orphan), { recursive: true });
    for (const file of [orphan, fresh, half]) writeFileSync(file, 'x');
    for (const file of [orphan, half]) utimesSync(file, old, old);
    writeFileSync(run.at('cache/claims/key.0'), JSON.stringify({ pid: 2 ** 22 + 1, host: 'elsewhere' }));
    mkdirSync(run.at('cache/removed-1/content'), { recursive: true });
    expect(await verifyCache(run.at('cache'))).toMatchObject({ entries: 6, removed: 0 });
    expect([orphan, fresh, half].map(existsSync)).toEqual([false, true, false]);
    expect(readdirSync(run.at('cache')).sort()).toEqual(['claims', 'content']);
    // Of another machine nobody knows whether it lives.
    expect(run.cacheFiles('claims')).toHaveLength(1);
  });

  it('takes nothing from other models that is the same text', async () => {
    const options = { temperature: 0 };
    await run.sample(options);
    await run.sample({ ...options, model: 'other' });
    expect(await clearCache(run.at('cache'), 'other')).toBe(6);
    expect(await run.sample(options)).toMatchObject({ damaged: 0, counts: { cached: 6 } });
  });

  it.each([undefined, 'tiny'])('clears %s while a run goes on, which comes to its end', async (model) => {
    run.write(10);
    run.server.answer = streamed({ pause: 2 });
    const going = run.sample();
    let cleared = 0;
    let isOver = false;
    void going.finally(() => (isOver = true));
    while (!isOver) {
      cleared += await clearCache(run.at('cache'), model);
      await verifyCache(run.at('cache'));
    }
    expect((await going).samples).toBe(20);
    expect(cleared).toBeGreaterThan(0);
    expect(run.asked()).toHaveLength(20);
  });
});
