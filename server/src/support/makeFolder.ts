// Makes a folder with those around it. Node's recursive mkdir never ends where a file system answers ENOENT to a name in a folder that
// is there, as /proc does.
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from './errors.ts';

/**
 * @returns the outermost folder that was made; undefined where all were there
 * @throws a system error where it cannot be made, or something else has its name
 */
export async function makeFolder(folder: string): Promise<string | undefined> {
  const parent = path.dirname(folder);
  try {
    return await makeOne(folder);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT' || parent === folder) throw error;
  }
  const outermost = await makeFolder(parent);
  const made = await makeOne(folder);
  return outermost ?? made;
}

async function makeOne(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST' && (await stat(folder)).isDirectory()) return undefined;
    throw error;
  }
}
