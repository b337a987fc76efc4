// The run folder: what it refuses, what it replaces, and its lock.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { completeOptions } from '../../../server/src/training/optionChecks.ts';
import { storedOptions } from '../../../server/src/training/options.ts';
import { createRunFolder, openRunFolder, type RunConfig } from '../../../server/src/training/runFolder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-run-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const config: RunConfig = {
  kind: 'prm-training-run',
  schema: 1,
  options: storedOptions(completeOptions({ data: '/data', output_dir: '/run' })),
  model: { family: 'mini', config: {} },
  versions: { prm: '0.1.0', node: 'v20.19.0', onnxruntime: '1.30.0' },
  created: '2026-01-01T00:00:00.000Z',
};
const plain = { overwrite: false, mayHold: [] };

describe('createRunFolder', () => {
  it('writes config.json and an empty log, and gives the lock back', async () => {
    const target = path.join(folder, 'deep', 'run');
    const run = await createRunFolder(target, config, plain);
    await run.begin();
    expect((await readdir(target)).sort()).toEqual(['config.json', 'events.jsonl', 'run.lock']);
    await run.close();
    expect((await readdir(target)).sort()).toEqual(['config.json', 'events.jsonl']);
    expect((await openRunFolder(target).then(async (again) => (await again.close(), again))).config).toEqual(
      config,
    );
  });

  it('refuses a folder with other files in it, and leaves it as it was', async () => {
    await writeFile(path.join(folder, 'thesis.tex'), 'x');
    await expect(createRunFolder(folder, config, plain)).rejects.toThrow(
      `${folder}: The output folder is not empty and is not a training run (it holds thesis.tex). ` +
        'Choose another --output_dir, or add --overwrite to write the run beside these files.',
    );
    expect(await readdir(folder)).toEqual(['thesis.tex']);
  });

  it('with --overwrite replaces a run and leaves other files alone', async () => {
    await writeFile(path.join(folder, 'thesis.tex'), 'x');
    await writeFile(path.join(folder, 'events.jsonl'), 'old');
    await mkdir(path.join(folder, 'checkpoint-10'));
    await mkdir(path.join(folder, 'best_model'));
    const run = await createRunFolder(folder, config, { overwrite: true, mayHold: [] });
    expect(await readFile(path.join(folder, 'events.jsonl'), 'utf8')).toBe('old');
    await run.begin();
    await run.close();
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'events.jsonl', 'thesis.tex']);
    expect(await readFile(path.join(folder, 'events.jsonl'), 'utf8')).toBe('');
  });

  it('refuses a finished run, but takes over one that stopped before it had anything to keep', async () => {
    for (let time = 0; time < 2; time++) {
      const run = await createRunFolder(folder, config, plain);
      await run.begin();
      await run.close();
    }
    await mkdir(path.join(folder, 'checkpoint-20'));
    await expect(createRunFolder(folder, config, plain)).rejects.toThrow(
      `${folder}: The output folder holds an earlier run (checkpoint-20). Add --resume to go on with it, ` +
        '--overwrite to replace it, or choose another --output_dir.',
    );
  });

  it('allows the training data inside the folder, and never removes it', async () => {
    await mkdir(path.join(folder, 'data'));
    const run = await createRunFolder(folder, config, { overwrite: true, mayHold: ['data'] });
    await run.begin();
    await run.close();
    expect(await readdir(folder)).toContain('data');
  });

  it('leaves nothing of a run that did not begin, but for what others put there', async () => {
    const close = async (target: string, meanwhile?: string): Promise<void> => {
      const run = await createRunFolder(target, config, plain);
      await expect(
        run.append({ type: 'end', time: config.created, state: 'done', step: 0 }),
      ).rejects.toThrow();
      if (meanwhile !== undefined) await writeFile(path.join(target, meanwhile), '');
      await run.close();
    };
    await close(path.join(folder, 'a', 'b'));
    expect(await readdir(folder)).toEqual([]);
    await close(path.join(folder, 'a', 'b'), 'thesis.tex');
    expect(await readdir(path.join(folder, 'a', 'b'))).toEqual(['thesis.tex']);
  });

  it('refuses a file', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    await expect(createRunFolder(file, config, plain)).rejects.toThrow(
      `${file}: The output folder is a file.`,
    );
  });
});

describe('the lock', () => {
  const lock = (holder: object) => writeFile(path.join(folder, 'run.lock'), JSON.stringify(holder));

  it('refuses a second run in the same process', async () => {
    const run = await createRunFolder(folder, config, plain);
    await expect(createRunFolder(folder, config, plain)).rejects.toThrow(
      `This run folder is in use by process ${process.pid} on ${hostname()}`,
    );
    await run.close();
  });

  it('refuses while the holder lives and takes over once it is gone', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      await lock({ pid: holder.pid, host: hostname(), id: 'theirs' });
      await expect(createRunFolder(folder, config, plain)).rejects.toThrow(
        `in use by process ${holder.pid ?? 0} on ${hostname()}`,
      );
    } finally {
      const ended = new Promise((resolve) => holder.once('exit', resolve));
      holder.kill('SIGKILL');
      await ended;
    }
    await (await createRunFolder(folder, config, plain)).close();
  });

  it('takes over a lock that an earlier process with our process id left', async () => {
    await lock({ pid: process.pid, host: hostname(), id: 'before the restart' });
    await (await createRunFolder(folder, config, plain)).close();
  });

  it('does not guess about another machine', async () => {
    await lock({ pid: 1, host: 'elsewhere', id: 'x' });
    await expect(createRunFolder(folder, config, plain)).rejects.toThrow(
      /in use by process 1 on elsewhere.*delete this file/s,
    );
  });

  it('lets one of many win, also over a stale lock', async () => {
    await lock({ pid: 2 ** 22 + 1, host: hostname(), id: 'dead' });
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => createRunFolder(folder, config, plain)),
    );
    const winners = tries.filter((one) => one.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const { value } of winners) await value.close();
  });
});

describe('openRunFolder', () => {
  it('names what is missing or damaged', async () => {
    await expect(openRunFolder(folder)).rejects.toThrow(
      `${folder}: There is no run to resume here (config.json: ENOENT). Give the run folder that prm train made as ` +
        '--output_dir, or leave --resume out.',
    );
    await writeFile(path.join(folder, 'config.json'), '{"kind": "something else"}');
    await expect(openRunFolder(folder)).rejects.toThrow(
      'This is not the configuration of a training run, or it is damaged',
    );
  });
});
