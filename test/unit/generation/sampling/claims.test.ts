import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLAIM_TIMES, Claims, type ClaimTimes } from '../../../../server/src/generation/sampling/claims.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'claims-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const claims = (times: Partial<ClaimTimes> = {}): Claims => new Claims(folder, { ...CLAIM_TIMES, ...times });
const file = (level = 0): string => path.join(folder, `k.${level}`);

/** A claim of a process that lives, or of one on another machine; last touched so many seconds ago. */
function leave({
  level = 0,
  pid = process.pid,
  host = hostname(),
  age = 0,
  text = JSON.stringify({ pid, host }),
} = {}): void {
  writeFileSync(file(level), text);
  const touched = Date.now() / 1000 - age;
  utimesSync(file(level), touched, touched);
}

/** No process has it: above the largest that Linux gives out. */
const NOBODY = 2 ** 22 + 1;

describe('Claims', () => {
  it('gives a key to one at a time, and leaves nothing behind', async () => {
    const [one, other] = [claims(), claims()];
    expect([await one.take('k'), await one.take('k'), await other.take('k')]).toEqual([true, false, false]);
    await one.release('k');
    expect(readdirSync(folder)).toEqual([]);
    expect(await other.take('k')).toBe(true);
    await other.release('k');
    await other.release('k');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, Parameters<typeof leave>[0]]>([
    ['a process that is gone', { pid: NOBODY }],
    ['a process whose id another one has now', { age: 121 }],
    ['a process that was killed twice over', { pid: NOBODY, age: 500 }],
  ])('takes over the claim of %s at once', async (_, left) => {
    leave(left);
    const mine = claims();
    expect(await mine.take('k')).toBe(true);
    await mine.release('k');
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, Parameters<typeof leave>[0]]>([
    ['a process that lives', { age: 100 }],
    ['a process of another machine, whose clock may be wrong', { host: 'elsewhere', pid: NOBODY, age: 1000 }],
    ['one that has not signed yet', { text: '' }],
  ])('leaves the claim of %s', async (_, left) => {
    leave(left);
    expect(await claims().take('k')).toBe(false);
    expect(readdirSync(folder)).toEqual(['k.0']);
  });

  it.each([{ host: 'elsewhere' }, { text: '{"pid"' }])(
    'takes over the claim of nobody knows whom, %j, once it was seen untouched for long enough',
    async (left) => {
      leave(left);
      const mine = claims({ abandoned: 20, unsigned: 20 });
      expect(await mine.take('k')).toBe(false);
      const touched = new Date(Date.now() + 1000);
      await wait(30);
      utimesSync(file(), touched, touched);
      expect(await mine.take('k')).toBe(false);
      await wait(30);
      expect(await mine.take('k')).toBe(true);
      await mine.release('k');
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('takes over a claim that its maker was killed before it could sign, soon', async () => {
    leave({ text: '' });
    const mine = claims({ unsigned: 20 });
    expect(await mine.take('k')).toBe(false);
    await wait(30);
    expect(await mine.take('k')).toBe(true);
    await mine.release('k');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('touches what it holds, so that it is not taken for abandoned', async () => {
    const mine = claims({ beat: 5 });
    await mine.take('k');
    utimesSync(file(), 1, 1);
    while (statSync(file()).mtimeMs < 10_000) await wait(5);
    await mine.release('k');
  });

  it('lets one of many take over, also where those who took over before were killed', async () => {
    leave({ pid: NOBODY });
    leave({ level: 1, pid: NOBODY });
    const many = Array.from({ length: 20 }, () => claims());
    const taken = await Promise.all(many.map((one) => one.take('k')));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(existsSync(file(2))).toBe(true);
    await many[taken.indexOf(true)]?.release('k');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves to the other one what was taken over while this process slept', async () => {
    const [sleeper, other] = [claims(), claims({ abandoned: -1 })];
    await sleeper.take('k');
    expect(await other.take('k')).toBe(true);
    await sleeper.release('k');
    expect(readdirSync(folder)).toEqual(['k.0', 'k.1']);
    expect(await sleeper.take('k')).toBe(false);
    await other.release('k');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('never gives a key to two, however they come and go', async () => {
    const many = Array.from({ length: 8 }, () => claims());
    let holders = 0;
    let turns = 0;
    const use = async (one: Claims): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        if (!(await one.take('k'))) continue;
        turns++;
        expect(++holders).toBe(1);
        await wait(0);
        holders--;
        await one.release('k');
      }
    };
    leave({ pid: NOBODY });
    await Promise.all(many.map(use));
    expect(turns).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual([]);
  });
});
