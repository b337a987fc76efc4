// Whether a training session keeps its memory between runs, or gives it back.
import { availableMemory } from './memoryNeed.ts';
import type { MemoryBudget } from './memoryPlan.ts';

/** What this process may hold before further training sessions give their memory back after each run, in bytes. */
const KEPT_MEMORY = 1.5e9;
/** The same as a share of a small machine's memory. */
const KEPT_MEMORY_SHARE = 0.25;

/**
 * Whether one more session may keep its memory. A batch of 16 x 256 tokens is trained a fifth faster with it. But each
 * length of batch has a session: where all kept theirs, a run of `mini` held 6.8 GB and took no less time (docs/results.md).
 *
 * @param held bytes that the process has now
 */
export function memoryIsPlentiful(held: number, budget: MemoryBudget | undefined): boolean {
  if (held >= Math.min(KEPT_MEMORY, KEPT_MEMORY_SHARE * availableMemory())) return false;
  if (budget === undefined) return true;
  const { limit, estimate } = budget;
  // Weights that are mapped and moments that are still zero are not in the process yet.
  const fixed = Math.max(held, estimate.total - estimate.activations);
  // What this session would keep, and beside it a later one's run: both must find room.
  return fixed + 2 * estimate.activations <= limit;
}
