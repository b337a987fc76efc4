// Numbers as people read them.

/** 0.9731 -> "97.3 %"; null (not defined for this data) -> "n/a". */
export function percent(rate: number | null): string {
  return rate === null ? 'n/a' : `${(rate * 100).toFixed(1)} %`;
}

/** Made once: `toLocaleString` makes one for every call. */
const GROUPED = new Intl.NumberFormat('en');

/** 50916 -> "50,916". */
export function count(value: number): string {
  return GROUPED.format(value);
}

/** 1 row, 2 rows: the number with its noun. */
export function counted(value: number, one: string, more = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** 1234567 -> "1.2 MB" (powers of 1000, as file systems count). */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let rest = value;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${unit === 0 || rest >= 99.95 ? count(Math.round(rest)) : rest.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A measured value with up to four digits that count: 0.03127 -> "0.0313", 8191.5 -> "8,192". */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return count(value);
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-4) return value.toExponential(2);
  return size >= 1000 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** A share of a whole, 0 to 1; what is there is never called 0 %: 0.0002 -> "< 0.1 %". */
export function portion(share: number | null): string {
  if (share !== null && share > 0 && share < 0.0005) return '< 0.1 %';
  return share !== null && share < 1 && share >= 0.9995 ? '> 99.9 %' : percent(share);
}

/** 3725 s -> "1 h 2 min"; 65 -> "1 min 5 s". */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return 'n/a';
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** A quantity with the given digits behind the point, or "n/a". */
export function figure(value: number | null, digits: number): string {
  return value === null || !Number.isFinite(value) ? 'n/a' : value.toFixed(digits);
}
