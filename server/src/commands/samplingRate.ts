// How fast a model server answers, what it has cost so far and how long it will take: the note of a progress line.
import type { SamplerCounts } from '../generation/sampling/sampler.ts';
import { count } from './figures.ts';

/** The rate is that of so many of the last seconds: servers begin slowly, and grow slow or fast. */
const SECONDS = 30;
/** A rate over less says nothing. */
const LEAST_SECONDS = 1;

type Counts = Pick<
  SamplerCounts,
  'wanted' | 'done' | 'cached' | 'requests' | 'promptTokens' | 'completionTokens' | 'limit'
>;

interface Point {
  /** Seconds. */
  at: number;
  /** Settled without the cache. */
  asked: number;
  written: number;
}

export class SamplingRate {
  readonly #now: () => number;
  #points: Point[] = [];

  /** @param now seconds since any moment; for tests */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** @returns what to show, and the seconds left where they are known: what is in the cache costs no time */
  update({
    wanted,
    done,
    cached,
    requests,
    promptTokens,
    completionTokens,
    limit,
  }: Counts): [note: string, secondsLeft: number | null] {
    const now = { at: this.#now(), asked: done - cached, written: completionTokens };
    this.#add(now);
    const [first = now] = this.#points;
    const seconds = now.at - first.at;
    const parts: string[] = [];
    let secondsLeft: number | null = null;
    if (seconds >= LEAST_SECONDS && now.asked > first.asked) {
      const rate = (now.asked - first.asked) / seconds;
      secondsLeft = (wanted - done) / rate;
      parts.push(`${short(rate)} samples/s`, `${short((now.written - first.written) / seconds)} tokens/s`);
    }
    if (requests > 0) parts.push(`${count(promptTokens + completionTokens)} tokens so far`);
    if (cached > 0) parts.push(`${count(cached)} from the cache`);
    if (requests > 0) parts.push(`${limit} at once`);
    return [parts.join(', '), secondsLeft];
  }

  /** One point a second is enough. */
  #add(now: Point): void {
    const last = this.#points.at(-1);
    if (last === undefined || now.at - last.at >= 1) this.#points.push(now);
    this.#points = this.#points.filter(({ at }) => now.at - at <= SECONDS);
  }
}

const short = (value: number): string => (value < 10 ? value.toFixed(1) : count(Math.round(value)));
