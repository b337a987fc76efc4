// A command that the editor started ends with it: nobody waits for its answer any more, and every request may cost.
import { EXIT } from './exit.ts';

/** To stop in, milliseconds. */
const PATIENCE = 5000;

/**
 * Watches the channel to whoever started this process, where there is one; it keeps no process alive that has finished.
 * @param stop is called when that one is gone; a process that goes on after it is ended
 */
export function endWithParent(stop: () => void): void {
  if (process.send === undefined) return;
  const end = (): void => {
    stop();
    setTimeout(() => process.exit(EXIT.cancelled), PATIENCE).unref();
  };
  if (!process.connected) {
    end();
    return;
  }
  process.once('disconnect', end);
  process.channel?.unref();
}
