// Where things lie in the repository.
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const DIST = path.join(ROOT, 'dist');
/** What only tests and packaging write. */
export const OUT = path.join(ROOT, 'out');
export const CLI = path.join(DIST, 'server/cli.cjs');
