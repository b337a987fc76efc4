// What a killed run leaves in the output folder, and how the next run finds it.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type * as fsPromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareOutput, type OutputFolder } from '../../../../server/src/datasets/format/outputFolder.ts';

/** Changes of the file system that are still let through; as after a kill, none follows. */
const disk = vi.hoisted(() => ({ changesLeft: Infinity }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof fsPromises>();
  const limited =
    <A extends unknown[], R>(change: (...parts: A) => Promise<R>) =>
    (...parts: A): Promise<R> =>
      disk.changesLeft-- > 0 ? change(...parts) : Promise.reject(new Error('killed'));
  return {
    ...original,
    rename: limited(original.rename),
    rm: limited(original.rm),
    writeFile: limited(original.writeFile),
  };
});

const FILES = ['dataset_info.json', 'prm_train.jsonl', 'prm_val.jsonl'];

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'output-'));
  folder = path.join(parent, 'formatted');
});
afterEach(() => {
  disk.changesLeft = Infinity;
  rmSync(parent, { recursive: true });
});

/** Files that tell which run wrote them. */
async function prepared(run: string): Promise<OutputFolder> {
  const output = await prepareOutput(folder, false);
  for (const name of FILES) {
    writeFileSync(path.join(output.temporary, name), JSON.stringify({ made_by: 'prm format', run }));
  }
  return output;
}

/** Of each file that is there, its run. */
function runs(): Record<string, string> {
  const there = FILES.filter((name) => existsSync(path.join(folder, name)));
  return Object.fromEntries(
    there.map((name) => [
      name,
      (JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { run: string }).run,
    ]),
  );
}

describe('replacing the files of an earlier run', () => {
  const all = (run: string) => Object.fromEntries(FILES.map((name) => [name, run]));

  it('never mixes two runs, wherever it is killed, and the next run needs no --overwrite', async () => {
    const seen = new Set<string>();
    for (let changes = 0; ; changes++) {
      rmSync(folder, { recursive: true, force: true });
      await (await prepared('old')).commit();
      const output = await prepared('new');
      disk.changesLeft = changes;
      const killed = await output.commit().then(
        () => false,
        () => true,
      );
      disk.changesLeft = Infinity;

      const left = runs();
      seen.add(JSON.stringify(left));
      expect(new Set(Object.values(left)).size).toBeLessThanOrEqual(1);
      if ('dataset_info.json' in left) expect(Object.keys(left)).toEqual(FILES);

      await (await prepared('next')).commit();
      expect(runs()).toEqual(all('next'));
      expect(existsSync(path.join(folder, '.prm-format-unfinished'))).toBe(false);
      if (!killed) break;
    }
    // Both ends and what lies between were really seen.
    expect(seen).toContain(JSON.stringify(all('old')));
    expect(seen).toContain(JSON.stringify({ 'prm_train.jsonl': 'new' }));
    expect(seen).toContain(JSON.stringify(all('new')));
    expect(seen.size).toBeGreaterThanOrEqual(6);
  });

  it('is done by one run at a time', async () => {
    await (await prepared('old')).commit();
    const [one, two, three] = [await prepared('one'), await prepared('two'), await prepared('three')];
    await Promise.all([one.commit(), two.commit(), three.commit()]);
    expect(new Set(Object.values(runs())).size).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(FILES);
  });

  it('waits for a run of another process, and takes over from one that was killed', async () => {
    await (await prepared('old')).commit();
    const turn = path.join(folder, '.prm-format-unfinished');
    const output = await prepared('new');
    const name = (pid: number) => path.basename(output.temporary).replace(/-\d+-/, `-${pid}-`);
    writeFileSync(turn, name(process.ppid));
    let done = false;
    const committing = output.commit().then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(done).toBe(false);
    expect(runs()).toEqual(all('old'));
    rmSync(turn);
    await committing;
    expect(runs()).toEqual(all('new'));

    const next = await prepared('next');
    const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
    writeFileSync(turn, name(dead));
    await next.commit();
    expect(runs()).toEqual(all('next'));
    expect(existsSync(turn)).toBe(false);
  });

  it('does not take our file names alone for ours', async () => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'prm_train.jsonl'), '');
    await expect(prepareOutput(folder, false)).rejects.toThrow('was not made by prm format');
  });
});

describe('temporary folders', () => {
  /** The id of a process that has ended. */
  function deadPid(): number {
    return Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
  }

  /** As a process of that id names its temporary folder. */
  async function leave(pid: number, host?: string): Promise<string> {
    const output = await prepareOutput(folder, false);
    const [, hash = '', ...rest] = /^\.prm-format-([0-9a-f]{8})-/.exec(path.basename(output.temporary)) ?? [];
    expect(rest).toEqual([]);
    await output.discard();
    const name = `.prm-format-${host ?? hash}-${pid}-0123456789ab`;
    mkdirSync(path.join(path.dirname(output.temporary), name));
    writeFileSync(path.join(path.dirname(output.temporary), name, 'prm_train.jsonl'), 'half');
    return name;
  }

  it('of dead processes are removed, beside a missing folder and in one that is there', async () => {
    await leave(deadPid());
    await (await prepared('first')).commit();
    expect(readdirSync(parent)).toEqual(['formatted']);
    await leave(deadPid());
    await (await prepared('second')).commit();
    expect(readdirSync(folder).sort()).toEqual(FILES);
  });

  it('of an earlier process with our own id are removed', async () => {
    await leave(process.pid);
    await (await prepared('first')).commit();
    expect(readdirSync(parent)).toEqual(['formatted']);
  });

  it('of live processes, of other machines and of other names stay', async () => {
    const names = [await leave(process.ppid), await leave(deadPid(), '00000000'), '.prm-format-0123456789ab'];
    mkdirSync(path.join(parent, '.prm-format-0123456789ab'));
    const own = await prepared('own');
    await (await prepareOutput(path.join(parent, 'other'), false)).discard();
    expect(readdirSync(parent).sort()).toEqual([...names, path.basename(own.temporary)].sort());
  });
});
