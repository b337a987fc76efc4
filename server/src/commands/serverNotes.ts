// What the commands that ask a model server say beneath their figures: whatever did not go as it was asked for.
import type { SamplerCounts } from '../generation/sampling/sampler.ts';
import { count } from './figures.ts';
import type { Report } from './report.ts';

/** Belongs to the line before. @param damaged entries of the cache that were made again */
export function addServerNotes(lines: Report, counts: SamplerCounts, damaged: number): void {
  const { guessed, oneByOne, otherModels = [], retried } = counts;
  for (const { asked, answered, samples } of otherModels) {
    lines.more(
      lines.paint.yellow(`asked for ${asked}, the server answers as ${answered}: ${count(samples)} answers`),
    );
  }
  if (oneByOne !== undefined) lines.more(`asked for one by one: ${oneByOne}`);
  if (guessed > 0)
    lines.more(
      `tokens of ${count(guessed)} answers guessed from their length: the server did not count them`,
    );
  if (retried > 0) lines.more(`${count(retried)} tries failed and were made again`);
  if (damaged > 0) {
    const entries = damaged === 1 ? '1 damaged entry' : `${count(damaged)} damaged entries`;
    lines.more(`${entries} of the cache found and made again`);
  }
}
