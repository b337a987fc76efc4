// Lines in random order, through buckets on the disk.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shuffleLines } from '../../../../server/src/datasets/format/shuffleLines.ts';
import { CancelledError } from '../../../../server/src/support/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shuffle-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function shuffled(text: string, seed: number, bucketBytes = 1000): Promise<string> {
  const [from, to] = [path.join(folder, 'from'), path.join(folder, 'to')];
  writeFileSync(from, text);
  rmSync(to, { force: true });
  await shuffleLines(from, to, seed, { bucketBytes });
  expect(readdirSync(folder).sort()).toEqual(['from', 'to']);
  return readFileSync(to, 'utf8');
}

describe('shuffleLines', () => {
  it('keeps every line, whatever the lines and buckets', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.integer(),
        fc.integer({ min: 8, max: 500 }),
        async (lines, seed, bucketBytes) => {
          const text = lines.map((one) => `${one}\n`).join('');
          const out = await shuffled(text, seed, bucketBytes);
          expect(out.split('\n').sort()).toEqual(text.split('\n').sort());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('takes lines that are longer than its buffers', async () => {
    const lines = Array.from({ length: 5 }, (_, index) => String(index).repeat(700_000));
    const out = await shuffled(`${lines.join('\n')}\n`, 1, 1 << 20);
    expect(out.trimEnd().split('\n').sort()).toEqual(lines);
  });

  it('puts each line in any place alike', async () => {
    const text = Array.from({ length: 8 }, (_, index) => `${index}\n`).join('');
    const places = Array.from({ length: 8 }, () => 0);
    for (let seed = 0; seed < 160; seed++) {
      const place = (await shuffled(text, seed, 5)).split('\n').indexOf('0');
      places[place] = (places[place] ?? 0) + 1;
    }
    // 20 expected in each; 17 is four standard deviations.
    for (const count of places) expect(Math.abs(count - 20)).toBeLessThan(17);
  });

  it('stops when cancelled and leaves no bucket', async () => {
    writeFileSync(path.join(folder, 'from'), 'a\nb\n');
    const work = shuffleLines(path.join(folder, 'from'), path.join(folder, 'to'), 1, {
      signal: AbortSignal.abort(),
    });
    await expect(work).rejects.toThrow(CancelledError);
    expect(readdirSync(folder)).toEqual(['from']);
  });
});
