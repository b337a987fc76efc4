// Other processes of this machine.
import { systemErrorCode } from './errors.ts';

/** @returns whether a process of this machine has the id; true as well for one of another user, which may not be asked */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== 'ESRCH';
  }
}
