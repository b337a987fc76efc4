// Where samples are kept: one place for all projects, since a sample depends on nothing but its request.
import { homedir } from 'node:os';
import path from 'node:path';

/** @param given by the person; left out: PRM_CACHE, or a folder of the user's cache */
export function cacheFolder(given: string | undefined, environment: NodeJS.ProcessEnv): string {
  const { PRM_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (given !== undefined) return path.resolve(given);
  if (PRM_CACHE !== undefined && PRM_CACHE !== '') return path.resolve(PRM_CACHE);
  const base =
    XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== ''
      ? XDG_CACHE_HOME
      : process.platform === 'win32' && LOCALAPPDATA !== undefined
        ? LOCALAPPDATA
        : path.join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
  return path.join(base, 'prm-workbench', 'samples');
}
