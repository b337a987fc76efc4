// Steps are found in the JSON text of their row: in lists, inside one string, whatever escapes the row is written with.
import fc from 'fast-check';
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import {
  EscapeMap,
  isDeeper,
  readJsonStrings,
  readJsonTree,
} from '../../../../server/src/language/rows/jsonStrings.ts';
import { placeSteps, type StepPlace } from '../../../../server/src/language/rows/stepPlaces.ts';
import type { Trace } from '../../../../server/src/datasets/trace.ts';
import { choices, writeJson } from '../../../support/jsonWriting.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'a', 'a', '"', '\\', 'a\nb', '🧮 = 1', '<<1+1=2>>', '\u2028'),
);

function trace(problem: string, texts: readonly string[], alternativeAt?: number): Trace {
  const steps = texts.map((each) => ({ text: each.trim(), label: 'correct' as const }));
  return { problem, steps, ...(alternativeAt === undefined ? {} : { alternativeAt }) };
}

function place(json: string, ...traces: Trace[]): (StepPlace | undefined)[][] {
  return placeSteps(json, readJsonStrings(json), traces);
}

/** What a place holds, read as JSON. */
function said(json: string, at: StepPlace | undefined): string | undefined {
  return at && (JSON.parse(`"${json.slice(at.start, at.end)}"`) as string);
}

describe('steps that are strings of a list', () => {
  it('have their hint right behind the quotation mark of their own string', () => {
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 6 }), choices, (problem, steps, choose) => {
        const row = { prompt: `Q: ${problem}`, note: steps.at(-1), completions: steps, labels: [] };
        // The note is no list of steps, unless there is only one: then both places say the same.
        fc.pre(steps.length > 1);
        const json = writeJson(row, choose);
        const root = readJsonTree(json);
        const places = place(json, trace(`Q: ${problem}`, steps))[0] ?? [];
        const own = steps.map((_, index) => root && findNodeAtLocation(root, ['completions', index]));
        expect(places.map((at) => at?.behind)).toEqual(own.map((node) => node && node.offset + node.length));
        expect(places.map((at) => said(json, at))).toEqual(steps);
      }),
      { numRuns: 500 },
    );
  });

  it('belong to the attempt that they stand in, also where attempts say the same', () => {
    const json = JSON.stringify({ q: 'p', chains: [{ steps: ['a', 'b'] }, { steps: ['a', 'c'] }] });
    const places = place(json, trace('p', ['a', 'b']), trace('p', ['a', 'c']));
    const starts = places.flat().map((at) => at?.start ?? -1);
    expect(starts).toEqual([...starts].sort((one, other) => one - other));
    expect(new Set(starts).size).toBe(4);
  });

  it('are only told from where an alternative leaves the main path', () => {
    const json = JSON.stringify({ problem: 'p', steps: [[{ text: 'a' }], [{ text: 'b' }, { text: 'x' }]] });
    const places = place(json, trace('p', ['a', 'b']), trace('p', ['a', 'x'], 1));
    expect(places.map((path) => path.map((at) => said(json, at)))).toEqual([
      ['a', 'b'],
      [undefined, 'x'],
    ]);
  });

  it('may lie in two properties, in any order', () => {
    const json = JSON.stringify({ next_response: 'c', instruction: 'p', responses: ['a', 'b'] });
    expect(place(json, trace('p', ['a', 'b', 'c']))[0]?.map((at) => said(json, at))).toEqual(['a', 'b', 'c']);
  });

  it('are not looked for in the problem that says the same', () => {
    const json = JSON.stringify({ problem: 'a', steps: ['a'] });
    expect(place(json, trace('a', ['a']))[0]?.[0]?.start).toBe(json.lastIndexOf('a'));
  });
});

describe('steps inside one string', () => {
  const word = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    .map((each) => `${each.replaceAll('ки', '')}.`.trim());

  it('have their hint behind their last character, and behind the quotation mark at the end', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), choices, (steps, choose) => {
        const input = `How "many"? ${steps.map((step, index) => `Step ${index + 1}: ${step}`).join(' ки\n')}`;
        const json = writeJson({ input, task: 'GSM8K' }, choose);
        const places = place(json, trace('How "many"?', steps))[0] ?? [];
        expect(places.map((at) => said(json, at))).toEqual(steps);
        let last = 0;
        for (const at of places) {
          expect(at?.start).toBeGreaterThanOrEqual(last);
          last = at?.end ?? 0;
        }
        const end = json.indexOf('"', places.at(-1)?.end);
        expect(places.at(-1)?.behind).toBe(end + 1);
      }),
    );
  });

  it('are found where each string repeats the ones before it', () => {
    const prefixes = ['p', 'p a.', 'p a. a.', 'p a. a. b.'];
    const json = JSON.stringify({ steps: prefixes.map((solution_prefix) => ({ solution_prefix })) });
    const places = place(json, trace('p', ['a.', 'a.', 'b.']))[0] ?? [];
    expect(places.map((at) => at?.behind)).toEqual(
      prefixes.slice(1).map((prefix) => json.indexOf(`"${prefix}"`) + prefix.length + 2),
    );
  });
});

describe('what is not there', () => {
  it('has no place, and takes none from the others', () => {
    const json = JSON.stringify({ steps: ['a', 'b'] });
    expect(place(json, trace('p', ['a', 'rewritten', 'b']))[0]?.map((at) => said(json, at))).toEqual([
      'a',
      undefined,
      'b',
    ]);
  });

  it('costs little, however many such steps a long row has', () => {
    const long = 'x'.repeat(3_000_000);
    const json = JSON.stringify({ input: long });
    const missing = Array.from({ length: 20_000 }, (_, index) => `step ${index}`);
    const start = performance.now();
    expect(place(json, trace('p', missing))[0]?.every((at) => at === undefined)).toBe(true);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

it('100,000 equal steps are placed in order, in little time', () => {
  const steps = Array.from({ length: 100_000 }, () => 'the same');
  const json = JSON.stringify({ completions: steps });
  const start = performance.now();
  const places = place(json, trace('p', steps))[0] ?? [];
  expect(performance.now() - start).toBeLessThan(3000);
  expect(places.map((at) => at?.start)).toEqual(steps.map((_, index) => 17 + index * 11));
});

it('escapes are counted as the parser counts them', () => {
  fc.assert(
    fc.property(text, choices, (value, choose) => {
      const json = writeJson(value, choose);
      const [string] = readJsonStrings(json);
      if (string === undefined) throw new Error('no string');
      const map = new EscapeMap(json, string);
      for (let offset = 0; offset <= value.length; offset++) {
        expect(JSON.parse(`"${json.slice(1, map.locate(offset))}"`)).toBe(value.slice(0, offset));
      }
    }),
  );
});

it('strings and their properties are those that a parser finds', () => {
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      text,
      fc.constantFrom(null, true, 1.5),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(json, choices, (value, choose) => {
      const written = writeJson(value, choose);
      const expected: [string, string, number, number][] = [];
      const visitNode = (node: Node, key: string): void => {
        if (node.type === 'string') {
          expected.push([key, node.value as string, node.offset, node.offset + node.length]);
        } else if (node.type === 'property') {
          const [name, child] = node.children ?? [];
          if (child !== undefined) visitNode(child, name?.value as string);
        } else for (const child of node.children ?? []) visitNode(child, key);
      };
      const root = readJsonTree(written);
      if (root !== undefined) visitNode(root, '');
      const found = readJsonStrings(written).map(({ key, value: said, start, end }) => [
        key,
        said,
        start,
        end,
      ]);
      expect(found).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

it('nesting is counted outside of strings only', () => {
  expect(isDeeper('['.repeat(5) + ']'.repeat(5), 4)).toBe(true);
  expect(isDeeper('['.repeat(5) + ']'.repeat(5), 5)).toBe(false);
  expect(isDeeper('["[[[[\\"[[["]', 1)).toBe(false);
  expect(isDeeper('[]'.repeat(100_000), 1)).toBe(false);
  expect(readJsonTree('['.repeat(100_000) + ']'.repeat(100_000))).toBeUndefined();
  expect(readJsonStrings(`${'['.repeat(100_000)}"a"${']'.repeat(100_000)}`)).toHaveLength(1);
});
