// Where the program lies that tries a device.
import path from 'node:path';

/** Beside the running bundle; where the sources run themselves, in dist/. */
export function probeProgram(): string {
  const here = import.meta.dirname;
  const folder = path.basename(here) === 'devices' ? path.resolve(here, '../../../../dist/server') : here;
  return path.join(folder, 'deviceProbe.cjs');
}
