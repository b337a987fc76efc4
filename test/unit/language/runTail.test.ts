// Reading what was added to a file of lines, written by whoever, in whatever pieces.
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunTail } from '../../../server/src/language/runTail.ts';

let folder: string;
let file: string;
let lines: string[];
let restarts: number;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'prm-tail-'));
  file = path.join(folder, 'events.jsonl');
  lines = [];
  restarts = 0;
});
afterEach(() => rm(folder, { recursive: true }));

/** Lines are kept from the newest restart on. */
function tailOf(): RunTail {
  return new RunTail(file, {
    line: (text) => lines.push(text),
    restart: () => {
      restarts++;
      lines = [];
    },
  });
}

describe('the tail of a file', () => {
  it('is empty while there is no file', async () => {
    await tailOf().read();
    expect({ lines, restarts }).toEqual({ lines: [], restarts: 0 });
  });

  it('gives each line once, and only when it is whole', async () => {
    const tail = tailOf();
    await writeFile(file, 'one\ntw');
    await tail.read();
    await tail.read();
    expect(lines).toEqual(['one']);
    await appendFile(file, 'o\nthree\n');
    await tail.read();
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(tail.share).toBe(1);
  });

  it('gives the same lines, however they are cut into pieces', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ö', '✓', '𝛼'), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 20 }), fc.array(fc.nat(300)), async (texts, cuts) => {
        await rm(file, { force: true });
        lines = [];
        const bytes = Buffer.from(texts.map((line) => `${line}\n`).join(''));
        const tail = tailOf();
        let from = 0;
        for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          await appendFile(file, bytes.subarray(from, Math.max(from, cut)));
          from = Math.max(from, Math.min(cut, bytes.length));
          await tail.read();
        }
        expect(lines).toEqual(texts.filter((line) => line !== ''));
        expect(restarts).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('starts again when the file is cut short, replaced or written anew', async () => {
    const tail = tailOf();
    await writeFile(file, 'one\ntwo\n');
    await tail.read();
    await writeFile(file, 'new\n');
    await tail.read();
    expect({ lines, restarts }).toEqual({ lines: ['new'], restarts: 1 });
    await writeFile(`${file}.tmp`, 'another, and longer than before\n');
    await rename(`${file}.tmp`, file);
    await tail.read();
    expect({ lines, restarts }).toEqual({ lines: ['another, and longer than before'], restarts: 2 });
    // The same file, longer than before: only its first bytes tell.
    await writeFile(file, 'yet another, and longer once more\nthan before\n');
    await tail.read();
    expect(lines).toEqual(['yet another, and longer once more', 'than before']);
    await rm(file);
    await tail.read();
    expect({ lines, restarts }).toEqual({ lines: [], restarts: 4 });
  });

  it('gives the start of a line without end once, and does not keep it', async () => {
    const tail = tailOf();
    await writeFile(file, 'one\n');
    for (let piece = 0; piece < 8; piece++) await appendFile(file, 'x'.repeat(1 << 19));
    await tail.read();
    await appendFile(file, 'its end\ntwo\n');
    await tail.read();
    expect(lines.map((line) => line.slice(0, 10))).toEqual(['one', 'xxxxxxxxxx', 'two']);
    expect(lines[1]?.length).toBeLessThan(1000);
  });

  it('lets others have their turn while it reads a long file', async () => {
    await writeFile(file, 'a line of some length, one of many\n'.repeat(200_000));
    const tail = tailOf();
    const shares: number[] = [];
    const timer = setInterval(() => shares.push(tail.share), 0);
    await tail.read();
    clearInterval(timer);
    expect(lines).toHaveLength(200_000);
    expect(shares.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(3);
  });
});
