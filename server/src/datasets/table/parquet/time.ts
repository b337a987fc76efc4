// Points in time and times of day that Parquet files hold, kept to the last digit.
import type { TimeUnit } from 'hyparquet';

const PER_SECOND: Record<TimeUnit, bigint> = { MILLIS: 1000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n };
/** Dates of JavaScript reach so many milliseconds from 1970. */
const FARTHEST = 8.64e15;

/** A date with the digits behind its milliseconds: they show wherever it is written as text. */
class PreciseDate extends Date {
  private readonly digits: string;

  constructor(milliseconds: number, digits: string) {
    super(milliseconds);
    this.digits = digits;
  }

  override toISOString(): string {
    return super.toISOString().replace('Z', `${this.digits}Z`);
  }
}

/** @returns text where the time lies beyond JavaScript's dates */
export function dateOf(value: bigint, unit: TimeUnit): Date | string {
  const perMillisecond = PER_SECOND[unit] / 1000n;
  let rest = value % perMillisecond;
  if (rest < 0n) rest += perMillisecond;
  const milliseconds = Number((value - rest) / perMillisecond);
  if (Math.abs(milliseconds) > FARTHEST) return `${value / PER_SECOND[unit]} s since 1970`;
  if (rest === 0n) return new Date(milliseconds);
  return new PreciseDate(milliseconds, fraction(rest, perMillisecond));
}

/** A day without a time: `2024-02-29`. */
export function daysText(days: number): string {
  const milliseconds = days * 86_400_000;
  if (Math.abs(milliseconds) > FARTHEST) return `${days} days since 1970`;
  return new Date(milliseconds).toISOString().replace(/T.*$/, '');
}

/** `13:05:00`, with as many digits behind as the unit has where they are not all 0. */
export function timeText(value: bigint, unit: TimeUnit): string {
  const perSecond = PER_SECOND[unit];
  if (value < 0n || value > 86_400n * perSecond) return `${value} ${unit.toLowerCase()}`;
  const seconds = Number(value / perSecond);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const text = parts.map((part) => String(part).padStart(2, '0')).join(':');
  const rest = value % perSecond;
  return rest === 0n ? text : `${text}.${fraction(rest, perSecond)}`;
}

/** Months, days and milliseconds, four little-endian bytes each. */
export function intervalText(bytes: Buffer, start: number): string {
  const [months, days, milliseconds] = [0, 4, 8].map((offset) => bytes.readUInt32LE(start + offset));
  return `${months} months ${days} days ${milliseconds} ms`;
}

function fraction(rest: bigint, one: bigint): string {
  return String(rest).padStart(String(one).length - 1, '0');
}
