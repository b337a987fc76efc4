// Low-rank adapters beside the linear layers of a decoder (Hu et al. 2021, https://arxiv.org/abs/2106.09685).
import { dropoutMasks } from '../../graph/dropout.ts';
import type { Value } from '../../graph/graph.ts';
import { operators } from '../../graph/operators/index.ts';
import type { DecoderConfig } from './config.ts';
import { loraModules, loraName, type LoraSettings } from './method.ts';

/** What an adapter adds to a linear layer's output; undefined for a layer that has none. */
export type Adapter = (module: string, x: Value) => Value | undefined;

/**
 * (alpha / rank) B A x beside every target layer; while training, with dropout before A as PEFT has it.
 * @param tensor the value of an adapter's factor, by its name
 * @param dropout what the masks are drawn from, and the rows of x; left out: nothing is dropped
 */
export function loraAdapter(
  config: DecoderConfig,
  { rank, alpha, dropout: share, targets }: LoraSettings,
  tensor: (name: string) => Value,
  dropout?: { seed: Value; rows: number },
): Adapter {
  const modules = new Map(loraModules(config, targets).map(({ module, inputs }) => [module, inputs]));
  const maskOf = dropout && dropoutMasks(dropout.seed, share, dropout.rows, modules);
  return (module, x) => {
    if (!modules.has(module)) return undefined;
    const down = tensor(loraName(module, 'A'));
    const inner = maskOf
      ? operators.dropoutLinear(x, down, maskOf(module), 1 / (1 - share))
      : operators.linear(x, down); // [N, rank]
    return operators.linear(inner, tensor(loraName(module, 'B')), alpha / rank); // [N, outputs]
  };
}
