// Counts and sizes as all screens write them.

/** With a comma between thousands. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** In the largest unit of which there is one. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  // What would be rounded to 1000.0 is one of the next unit.
  if (bytes < 999_950) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 999_950_000) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
