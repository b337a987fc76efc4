import { describe, expect, it } from 'vitest';
import { settingRows, settingWords } from '../../../../webview/src/dashboard/compare/differing.ts';

describe('settings side by side', () => {
  it('are all there, those that differ marked', () => {
    expect(
      settingRows([
        { settings: { seed: 1, method: 'full', rank: null } },
        { settings: { seed: 1, method: 'lora', rank: 16, stages: 'head,lora' } },
      ]),
    ).toEqual([
      { name: 'seed', values: [1, 1], differs: false },
      { name: 'method', values: ['full', 'lora'], differs: true },
      { name: 'rank', values: [null, 16], differs: true },
      { name: 'stages', values: [undefined, 'head,lora'], differs: true },
    ]);
  });

  it('do not differ where one is missing and the other has no value, nor in a run alone', () => {
    expect(settingRows([{ settings: { rank: null } }, { settings: {} }])[0]?.differs).toBe(false);
    expect(settingRows([{ settings: { seed: 1 } }])[0]?.differs).toBe(false);
  });

  it('differ in type: the text 1 is not the number 1', () => {
    expect(settingRows([{ settings: { seed: 1 } }, { settings: { seed: '1' } }])[0]?.differs).toBe(true);
  });

  it('have no names from the prototype', () => {
    const [row] = settingRows([{ settings: {} }, { settings: { constructor: 3 } }]);
    expect(row).toEqual({ name: 'constructor', values: [undefined, 3], differs: true });
  });

  it('are said in words', () => {
    expect([undefined, null, true, false, 0.0005, ''].map(settingWords)).toEqual([
      '–',
      '–',
      'yes',
      'no',
      '0.0005',
      '(empty)',
    ]);
  });
});
