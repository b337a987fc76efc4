import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptFrom, nothingKept, type Kept } from '../../../../webview/src/dashboard/state.ts';

describe('what the page kept', () => {
  it('comes back as it was', () => {
    const kept: Kept = {
      selected: ['/a', '/b'],
      shown: '/b',
      filter: 'mini',
      axis: 'seconds',
      smoothing: 0.7,
      log: true,
      zoom: { steps: { from: 3, to: 9 }, x: [1.5, 4.5] },
      onlyDiffering: true,
      unfolded: ['settings'],
    };
    expect(keptFrom(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it('is nothing where there was none', () => {
    expect(keptFrom(undefined)).toEqual(nothingKept());
  });

  it('is taken as far as it can be used, whatever it is', () => {
    const fields = fc.record(
      Object.fromEntries(Object.keys(nothingKept()).map((name) => [name, fc.anything()])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fields, fc.anything()), (value) => {
        const kept = keptFrom(value);
        expect(Object.keys(kept).sort()).toEqual(Object.keys(nothingKept()).sort());
        expect(kept.selected.every((folder) => typeof folder === 'string')).toBe(true);
        expect(kept.selected.length).toBeLessThanOrEqual(8);
        expect(kept.smoothing >= 0 && kept.smoothing <= 0.99).toBe(true);
        expect(['step', 'examples', 'seconds']).toContain(kept.axis);
        if (kept.zoom !== null) expect(kept.zoom.steps.from).toBeLessThan(kept.zoom.steps.to);
      }),
    );
  });
});
