// A small disk that tests may fill.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface SmallDisk {
  /** An empty folder. */
  place: string;
  remove(): void;
}

/**
 * @param size as mount takes it, such as `2m`
 * @returns undefined where there can be none: only root may mount, and only Linux has tmpfs
 */
export function smallDisk(name: string, size: string): SmallDisk | undefined {
  const place = path.join(tmpdir(), `prm-${name}-${process.pid}`);
  const remove = (): void => {
    system('umount', place);
    rmdirSync(place);
  };
  mkdirSync(place, { recursive: true });
  try {
    system('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place);
    return { place, remove };
  } catch {
    rmdirSync(place);
    return undefined;
  }
}

/** Programs of the system, not of a package. */
function system(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'ignore' });
}
