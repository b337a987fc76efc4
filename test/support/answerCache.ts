// A cache of answers as `prm generate sample` fills it, without a model server.
import { SampleCache } from '../../server/src/generation/sampling/sampleCache.ts';

/** @param models how many answers to keep of each */
export async function fillCache(folder: string, models: Record<string, number>): Promise<void> {
  const cache = new SampleCache(folder);
  for (const [model, number] of Object.entries(models)) {
    for (let sample = 0; sample < number; sample++) {
      const request = {
        model,
        messages: [{ role: 'user' as const, content: 'A bakery sells 24 loaves at $4. How much is that?' }],
        settings: { temperature: 0.7, topP: 1, maxTokens: 512, stop: [] },
        seed: 40 + sample,
        sample,
      };
      const text = `24 * 4 = $96, says ${model}.\nThe answer is ${96 + sample}.`;
      const answer = { text, finish: 'stop', promptTokens: 30, completionTokens: 20 };
      await cache.put(request, answer);
    }
  }
}
