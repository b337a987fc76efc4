// Where the scoring engine's bundle lies.
import path from 'node:path';

/** Beside the running bundle; where the sources run themselves, in dist/. */
export function engineFile(): string {
  const here = import.meta.dirname;
  const folder = path.basename(here) === 'scoring' ? path.resolve(here, '../../../dist/server') : here;
  return path.join(folder, 'engine.cjs');
}
