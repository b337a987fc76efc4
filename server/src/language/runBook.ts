// The runs that were looked at, each read once for everybody who asks; the lines of those long unseen make room.
import type { RunChart } from '../../../protocol/src/dashboard.ts';
import type { StepRange } from '../training/runColumns.ts';
import { RunFollower } from './runFollower.ts';

/** Lines of all runs together, bytes: some six runs of a million steps each. */
const ROOM = 256e6;

export class RunBook {
  readonly #room: number;
  /** The one whose lines were asked for last is the last. */
  readonly #followers = new Map<string, RunFollower>();

  constructor(room = ROOM) {
    this.#room = room;
  }

  /** Whether this run was looked at before. */
  has(folder: string): boolean {
    return this.#followers.has(folder);
  }

  /** @param folder the run folder, absolute */
  of(folder: string): RunFollower {
    const known = this.#followers.get(folder);
    if (known !== undefined) return known;
    const follower = new RunFollower({ folder });
    this.#followers.set(folder, follower);
    return follower;
  }

  /**
   * The run's lines as they are now; null where the folder holds no run.
   * @param patience as for a look: after so many milliseconds, the lines of what was read until then
   */
  async chart(
    folder: string,
    points: number,
    range?: StepRange,
    patience?: number,
  ): Promise<RunChart | null> {
    const follower = this.of(folder);
    this.#followers.delete(folder);
    this.#followers.set(folder, follower);
    await follower.look(patience);
    const chart = follower.isRun ? await follower.chart(points, range) : null;
    this.makeRoom();
    return chart;
  }

  /** Bytes of all lines. */
  get bytes(): number {
    return [...this.#followers.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Forgets lines, those that were asked for longest ago first, until they fit. The last run's stay. */
  makeRoom(): void {
    const followers = [...this.#followers.values()];
    let { bytes } = this;
    for (const follower of followers.slice(0, -1)) {
      if (bytes <= this.#room) return;
      bytes -= follower.bytes;
      follower.forgetLines();
      bytes += follower.bytes;
    }
  }
}
