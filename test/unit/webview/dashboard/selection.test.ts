import { describe, expect, it } from 'vitest';
import { choose } from '../../../../webview/src/dashboard/runs/selection.ts';

const LISTED = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

describe('choosing runs', () => {
  it('takes one alone', () => {
    expect(choose(LISTED, ['a', 'b'], 'c', 'only', 'a').selected).toEqual(['c']);
  });

  it('adds and takes away, but never the last one', () => {
    expect(choose(LISTED, ['b'], 'a', 'toggle', 'b').selected).toEqual(['b', 'a']);
    expect(choose(LISTED, ['b', 'a'], 'b', 'toggle', 'a').selected).toEqual(['a']);
    expect(choose(LISTED, ['a'], 'a', 'toggle', 'a').selected).toEqual(['a']);
  });

  it('takes all between, upwards and downwards, beside those chosen before', () => {
    expect(choose(LISTED, ['b'], 'd', 'to', 'b').selected).toEqual(['b', 'c', 'd']);
    expect(choose(LISTED, ['e', 'd'], 'b', 'to', 'd').selected).toEqual(['e', 'd', 'c', 'b']);
  });

  it('takes the one alone where the anchor is not listed any more', () => {
    expect(choose(LISTED, ['x'], 'd', 'to', 'x').selected).toEqual(['x', 'd']);
  });

  it('has a limit, and keeps what was there', () => {
    const full = choose(LISTED, ['j'], 'i', 'to', 'a');
    expect(full).toEqual({ selected: ['j', 'a', 'b', 'c', 'd', 'e', 'f', 'g'], full: true });
    expect(choose(LISTED, full.selected, 'h', 'toggle', 'a')).toEqual({
      selected: full.selected,
      full: true,
    });
  });
});
