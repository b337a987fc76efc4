// Counts distinct values by their hashes: exactly up to a limit, from there on as an estimate in fixed memory.
import { HashSet } from './hashSet.ts';

/** 2^14 registers of one byte: a standard error of 1.04 / sqrt(2^14) = 0.8 %. */
const INDEX_BITS = 14;
const REGISTERS = 1 << INDEX_BITS;
/** Bits of a hash behind those that choose the register. */
const REST = 2 ** (53 - INDEX_BITS);

/**
 * Up to `limit` values: a hash table with linear probing. Beyond: HyperLogLog (Flajolet et al., 2007) with the
 * estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), which needs no tables of
 * bias. Both are fed with the same hashes, so the change loses nothing.
 */
export class DistinctCounter {
  private seen: HashSet | undefined = new HashSet();
  private registers: Uint8Array | undefined;

  /** @param limit values that are counted exactly: 16 to 32 bytes each */
  constructor(private readonly limit: number) {}

  get exact(): boolean {
    return this.registers === undefined;
  }

  /** Rounded to an integer where it is an estimate. */
  get count(): number {
    if (this.registers !== undefined) return Math.round(estimate(this.registers));
    return this.seen?.size ?? 0;
  }

  /** @param hash an integer from 0 up to 2^53, all values as likely */
  add(hash: number): void {
    if (this.registers !== undefined) note(this.registers, hash);
    else if (this.seen?.add(hash) === true && this.seen.size > this.limit) this.toRegisters(this.seen);
  }

  private toRegisters(seen: HashSet): void {
    const registers = new Uint8Array(REGISTERS);
    for (const hash of seen) note(registers, hash);
    this.registers = registers;
    this.seen = undefined;
  }
}

/** A register keeps the longest run of zeros (and the one behind it) that a hash of its share began with. */
function note(registers: Uint8Array, hash: number): void {
  const index = Math.floor(hash / REST);
  const rest = hash % REST;
  const rank = rest === 0 ? 54 - INDEX_BITS : 53 - INDEX_BITS - Math.floor(Math.log2(rest));
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
}

/** Ertl 2017, algorithm 6. */
function estimate(registers: Uint8Array): number {
  const longest = 53 - INDEX_BITS;
  const counts = new Float64Array(longest + 2);
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1;
  let z = REGISTERS * tau(1 - (counts[longest + 1] ?? 0) / REGISTERS);
  for (let rank = longest; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] ?? 0));
  z += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS);
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * z);
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let [power, factor, sum, before] = [x, 1, x, -1];
  while (sum !== before) {
    before = sum;
    power *= power;
    sum += power * factor;
    factor *= 2;
  }
  return sum;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let [root, factor, sum, before] = [x, 1, 1 - x, -1];
  while (sum !== before) {
    before = sum;
    root = Math.sqrt(root);
    factor *= 0.5;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}
