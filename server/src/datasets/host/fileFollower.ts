// Says when a file may have changed: the system's watch on its folder, and a slow look for disks that tell nothing.
import { watch } from 'node:fs';
import path from 'node:path';

/** A burst of writes is looked at once, this long after its first; milliseconds. */
const SETTLES_AFTER = 100;
/** Between two looks without a reason, milliseconds. */
const POLL_INTERVAL = 3_000;

/**
 * Follows as long as the process lives.
 * @param look looks at the file; never called while the last look goes on; must not reject
 */
export function followFile(file: string, look: () => Promise<void>): void {
  let settling: NodeJS.Timeout | undefined;
  let isLooking = false;
  let again = false;

  const soon = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      void now();
    }, SETTLES_AFTER);
  };

  const now = async (): Promise<void> => {
    if (isLooking) {
      again = true;
      return;
    }
    isLooking = true;
    await look();
    isLooking = false;
    if (again) soon();
    again = false;
  };

  watchFolder(file, soon);
  setInterval(() => void now(), POLL_INTERVAL);
}

function watchFolder(file: string, changed: () => void): void {
  try {
    // The folder, not the file: a file that is replaced by renaming is another one for the system.
    const watcher = watch(path.dirname(file), (_event, name) => {
      // Some systems name no file.
      if (name === null || name === path.basename(file)) changed();
    });
    watcher.on('error', () => watcher.close());
  } catch {
    // The system watches nothing there (a network disk, too many watches): the slow look is left.
  }
}
