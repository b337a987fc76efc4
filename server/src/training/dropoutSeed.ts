// The number that dropout's masks of one micro-batch are made from.

/** MurmurHash3's finaliser (Appleby, public domain): every bit of the number moves every bit of the result. */
function mix(number: number): number {
  let hash = number | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/**
 * Depends on its arguments alone, so a resumed run drops the same.
 * @returns a whole number from 0 to 2³¹ − 1
 */
export function dropoutSeed(seed: number, step: number, microBatch: number): number {
  return mix(mix(mix(seed) ^ step) ^ microBatch) >>> 1;
}
