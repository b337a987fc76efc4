// A compact table of a dataset's problems: 16 bytes each (at most 32 with free slots), whatever their texts' length.
import { hash } from 'node:crypto';

/** Bytes of SHA-256 that make a key; 48 bits are exact in a number. Equal keys only make two problems share a side. */
const KEY_BYTES = 6;

/** ASCII words with single spaces between them: nothing to make alike. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * Names a problem by its content. Spelling differences that readers do not see (white space, Unicode forms) do not
 * make another problem, since it would leak into validation.
 * @returns an integer from 1 to 2^48, in an order that depends on the seed alone
 */
export function problemKey(problem: string, seed: number): number {
  const text = PLAIN.test(problem) ? problem : problem.normalize('NFC').replace(/\s+/g, ' ').trim();
  return hash('sha256', `${seed}\n${text}`, 'buffer').readUIntBE(0, KEY_BYTES) + 1;
}

/** Labelled steps of one problem, all its rows together. */
export interface ProblemCounts {
  key: number;
  correct: number;
  incorrect: number;
}

/** Open addressing with linear probing (Knuth, vol. 3, 6.4): keys are hashes already, so their low bits choose the slot. */
export class ProblemTable {
  private capacity = 1 << 12;
  /** 0 = free. */
  private keys = new Float64Array(this.capacity);
  private correct = new Uint32Array(this.capacity);
  private incorrect = new Uint32Array(this.capacity);
  private used = 0;

  get size(): number {
    return this.used;
  }

  add(key: number, correct: number, incorrect: number): void {
    if (2 * this.used >= this.capacity) this.grow();
    const slot = this.slotOf(key);
    if (this.keys[slot] === 0) {
      this.keys[slot] = key;
      this.used++;
    }
    this.correct[slot] = (this.correct[slot] ?? 0) + correct;
    this.incorrect[slot] = (this.incorrect[slot] ?? 0) + incorrect;
  }

  *[Symbol.iterator](): Generator<ProblemCounts> {
    for (let slot = 0; slot < this.capacity; slot++) {
      const key = this.keys[slot] ?? 0;
      if (key !== 0) yield { key, correct: this.correct[slot] ?? 0, incorrect: this.incorrect[slot] ?? 0 };
    }
  }

  private slotOf(key: number): number {
    const mask = this.capacity - 1;
    let slot = key % this.capacity;
    while (this.keys[slot] !== 0 && this.keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { keys, correct, incorrect } = this;
    this.capacity *= 2;
    this.keys = new Float64Array(this.capacity);
    this.correct = new Uint32Array(this.capacity);
    this.incorrect = new Uint32Array(this.capacity);
    for (let old = 0; old < keys.length; old++) {
      const key = keys[old] ?? 0;
      if (key === 0) continue;
      const slot = this.slotOf(key);
      this.keys[slot] = key;
      this.correct[slot] = correct[old] ?? 0;
      this.incorrect[slot] = incorrect[old] ?? 0;
    }
  }
}

/** The problems of several datasets together; one that occurs in several is one. */
export function mergedProblems(tables: readonly ProblemTable[]): ProblemTable {
  const [first] = tables;
  if (first !== undefined && tables.length === 1) return first;
  const merged = new ProblemTable();
  for (const table of tables) {
    for (const { key, correct, incorrect } of table) merged.add(key, correct, incorrect);
  }
  return merged;
}
