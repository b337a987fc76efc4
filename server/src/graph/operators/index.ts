// The differentiable operators: what models are written in. Each rule is checked against finite differences.
import { add } from './add.ts';
import { binaryCrossEntropy } from './binaryCrossEntropy.ts';
import { causalAttention } from './causalAttention.ts';
import { dropoutLinear } from './dropoutLinear.ts';
import { reshape, transpose } from './layout.ts';
import { linear } from './linear.ts';
import { rmsNorm } from './rmsNorm.ts';
import { rotaryEmbedding } from './rotaryEmbedding.ts';
import { swiGlu } from './swiGlu.ts';

export const operators = {
  add,
  binaryCrossEntropy,
  causalAttention,
  dropoutLinear,
  linear,
  reshape,
  rmsNorm,
  rotaryEmbedding,
  swiGlu,
  transpose,
};
