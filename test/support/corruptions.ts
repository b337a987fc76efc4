// What a strategy of corruption makes of a solution.
import type { Corruption, Strategy } from '../../server/src/generation/corruption/corruption.ts';
import { readSolution } from '../../server/src/generation/corruption/solution.ts';
import { seededRandom } from '../../server/src/support/random.ts';

/** All different corruptions that many seeds give. */
export function corruptionsOf(
  strategy: Strategy,
  problem: string,
  steps: readonly string[],
  consistent: boolean,
): Corruption[] {
  const solution = readSolution(problem, steps);
  const random = seededRandom(7);
  const found = new Map<string, Corruption>();
  for (let attempt = 0; attempt < 300; attempt++) {
    const corruption = strategy.corrupt(solution, random, consistent);
    if (corruption !== undefined) found.set(corruption.steps.join('\n'), corruption);
  }
  return [...found.values()];
}
