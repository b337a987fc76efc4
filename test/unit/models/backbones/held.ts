// Weights in memory, for tests.
import type { DecoderConfig } from '../../../../server/src/models/backbones/config.ts';
import { parameterSpecs } from '../../../../server/src/models/backbones/parameters.ts';
import type { HeldWeight } from '../../../../server/src/models/backbones/weight.ts';

/** Those of a decoder's parameters that are given, with their shapes. */
export function heldWeights(
  config: DecoderConfig,
  tensors: ReadonlyMap<string, Float32Array>,
): Map<string, HeldWeight> {
  return new Map(
    parameterSpecs(config).flatMap(({ name, dims }) => {
      const values = tensors.get(name);
      return values ? [[name, { dims, values }] as const] : [];
    }),
  );
}

/** Options of a graph that trains every weight. */
export const FULL = { method: { kind: 'full' }, frozen: new Map<string, HeldWeight>() } as const;
