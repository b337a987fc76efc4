// Copying folders for the build.
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes `to` hold exactly the files of `from` that `keep` accepts (paths relative to `from`, with `/`).
 * A file of the same size and time is left alone; others are replaced by renaming.
 */
export async function mirrorFolder(
  from: string,
  to: string,
  keep: (relative: string) => boolean = () => true,
): Promise<void> {
  const wanted = (await filesUnder(from)).filter(keep);
  for (const relative of wanted) await copyIfChanged(path.join(from, relative), path.join(to, relative));
  const names = new Set(wanted);
  for (const relative of await filesUnder(to)) {
    if (!names.has(relative)) await rm(path.join(to, relative), { force: true });
  }
}

/** Every file below a folder, relative to it, with `/`; nothing where the folder is missing. */
export async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

async function copyIfChanged(from: string, to: string): Promise<void> {
  const source = await stat(from);
  const target = await stat(to).catch(() => undefined);
  if (target?.size === source.size && target.mtimeMs >= source.mtimeMs) return;
  await mkdir(path.dirname(to), { recursive: true });
  const temporary = `${to}.${process.pid}.tmp`;
  await copyFile(from, temporary);
  await rename(temporary, to);
}
