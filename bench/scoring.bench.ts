// How long scoring takes: load and score through the engine process, with a model of the size of `mini`.
// Weights are random: speed does not depend on them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { initialParameters } from '../server/src/models/backbones/parameters.ts';
import { MINI_CONFIG } from '../server/src/models/families/mini.ts';
import { heldWeights, writeModelFolder } from '../server/src/models/modelFolder.ts';
import { EngineClient } from '../server/src/scoring/engineClient.ts';
import { engineFile } from '../server/src/scoring/engineFile.ts';
import { parseReasoning } from '../server/src/scoring/reasoningText.ts';
import { assetPath } from '../server/src/support/assets.ts';

const ROUNDS = 30;

const folder = await mkdtemp(path.join(tmpdir(), 'prm-bench-scoring-'));
const client = new EngineClient({ engineFile: engineFile(), log: console.error });
try {
  const model = path.join(folder, 'model');
  await writeModelFolder(model, {
    kind: 'whole',
    config: MINI_CONFIG,
    weights: heldWeights(MINI_CONFIG, initialParameters(MINI_CONFIG, 1)),
    tokenizerFile: assetPath('mini/tokenizer.json'),
    description: {
      name: 'mini',
      family: 'mini',
      stepSeparator: '',
      threshold: 0.5,
      training: {},
      metrics: null,
    },
  });

  const started = performance.now();
  const choice = { modelFolder: model, device: 'cpu' } as const;
  const first = await client.score(choice, { problem: '', steps: ['1 + 1 = 2'] });
  const { loadMilliseconds, device } = first.model;
  const ready = performance.now() - started;

  const text = await readFile(path.join(import.meta.dirname, '../samples/reasoning.txt'), 'utf8');
  const { problem, steps } = parseReasoning(text);
  const inEngine: number[] = [];
  const roundTrip: number[] = [];
  let tokens = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    // Another problem each time, of the same length: the client would answer a known one from memory.
    const trace = { problem: `${problem?.text ?? ''} ${round + 100}`, steps: steps.map((step) => step.text) };
    const asked = performance.now();
    const { result } = await client.score(choice, trace);
    // The first round makes the session for this length.
    if (round > 0) {
      roundTrip.push(performance.now() - asked);
      inEngine.push(result.milliseconds);
    }
    tokens = result.tokens;
  }
  console.log(
    `load on ${device}: ${loadMilliseconds.toFixed(0)} ms, ${ready.toFixed(0)} ms from the process start to a first short score`,
  );
  console.log(
    `score ${steps.length} steps, ${tokens} tokens: median ${median(inEngine).toFixed(1)} ms in the engine, ` +
      `${median(roundTrip).toFixed(1)} ms for the client; best ${Math.min(...inEngine).toFixed(1)} ms`,
  );
} finally {
  await client.dispose();
  await rm(folder, { recursive: true, force: true });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
