// The warning of a loss that grows without becoming infinite.
import { describe, expect, it } from 'vitest';
import { LossWatch } from '../../../server/src/training/lossWatch.ts';

/** The steps at which a watch warns, with its words. */
function warnings(losses: readonly number[]): [number, string][] {
  const watch = new LossWatch();
  return losses.flatMap((loss, index): [number, string][] => {
    const text = watch.warning(index + 1, loss);
    return text === undefined ? [] : [[index + 1, text]];
  });
}
const times = (count: number, loss: number) => Array<number>(count).fill(loss);

describe('LossWatch', () => {
  it('warns once, where the loss has stayed far above its start', () => {
    const said = warnings([...times(30, 0.7), ...times(200, 9)]);
    expect(said).toHaveLength(1);
    const [[step, text]] = said;
    expect(step).toBeGreaterThan(30);
    expect(step).toBeLessThanOrEqual(50);
    expect(text).toMatch(/^At step \d+ the loss has been \d\.\d\d for 20 steps; it began at 0\.70\./);
    expect(text).toContain('--learning_rate');
  });

  it.each([
    ['falls', Array.from({ length: 200 }, (_, step) => 0.7 / (1 + step / 10))],
    [
      'has single batches that are hard',
      Array.from({ length: 200 }, (_, step) => (step % 20 === 0 ? 9 : 0.5)),
    ],
    ['starts high, as heads that are drawn do', [...times(20, 4), ...times(100, 5)]],
    ['starts low and forgets a little', [...times(20, 0.02), ...times(100, 0.5)]],
  ])('says nothing of a loss that %s', (_, losses) => {
    expect(warnings(losses)).toEqual([]);
  });
});
