// A set of hashes in 16 to 32 bytes each: JavaScript's own takes three times as much, and no more than 2^24 of them.

/** Linear probing (Knuth, vol. 3, 6.4): hashes are spread already, so their low bits choose the slot. */
export class HashSet {
  /** 0 = free. */
  private slots = new Float64Array(64);
  private used = 0;
  private hasZero = false;

  get size(): number {
    return this.used + (this.hasZero ? 1 : 0);
  }

  /**
   * @param hash an integer from 0 up to 2^53, all values as likely
   * @returns whether it is new
   */
  add(hash: number): boolean {
    if (hash === 0) {
      const isNew = !this.hasZero;
      this.hasZero = true;
      return isNew;
    }
    const slot = this.slotOf(hash);
    if (this.slots[slot] === hash) return false;
    this.slots[slot] = hash;
    this.used++;
    if (2 * this.used > this.slots.length) this.grow();
    return true;
  }

  /** In no order. */
  *[Symbol.iterator](): Generator<number> {
    if (this.hasZero) yield 0;
    for (const hash of this.slots) if (hash !== 0) yield hash;
  }

  /** Where the hash stands, or would. */
  private slotOf(hash: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = (hash >>> 0) & mask;
    while (slots[slot] !== 0 && slots[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const old = this.slots;
    this.slots = new Float64Array(2 * old.length);
    for (const hash of old) if (hash !== 0) this.slots[this.slotOf(hash)] = hash;
  }
}
