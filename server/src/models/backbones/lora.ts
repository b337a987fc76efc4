// Low-rank adapters beside the linear layers of a decoder (Hu et al. 2021, https://arxiv.org/abs/2106.09685).
import type { Value } from '../../graph/graph.ts';
import { operators } from '../../graph/operators/index.ts';
import { loraName, type LoraSettings } from './method.ts';

/** What an adapter adds to a linear layer's output; undefined for a layer that has none. */
export type Adapter = (module: string, x: Value) => Value | undefined;

/**
 * (alpha / rank) B A x beside every target layer.
 * @param tensor the value of an adapter's factor, by its name
 */
export function loraAdapter(
  { rank, alpha, targets }: LoraSettings,
  tensor: (name: string) => Value,
): Adapter {
  return (module, x) => {
    if (!targets.some((target) => module.endsWith(`.${target}`))) return undefined;
    const inner = operators.linear(x, tensor(loraName(module, 'A'))); // [N, rank]
    return operators.linear(inner, tensor(loraName(module, 'B')), alpha / rank); // [N, outputs]
  };
}
