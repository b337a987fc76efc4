// Who trains on which device: a file for each in the system's temporary folder, so that a second run is told of the
// first. A notice and no lock: two runs on one device are slow, not wrong.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { isProcessAlive } from '../../support/processes.ts';
import type { ChosenDevice } from './device.ts';

const useSchema = z.object({ device: z.string(), pid: z.int().positive(), folder: z.string() });
export type DeviceUse = z.infer<typeof useSchema>;

export interface AnnouncedUse {
  /** Runs that used the device already. */
  others: DeviceUse[];
  /** Takes the announcement back. */
  release: () => Promise<void>;
}

/** Of this person: another's folder names are not for showing, and may not be readable. */
function registry(): string {
  const { uid, username } = userInfo();
  return path.join(tmpdir(), `prm-devices-${uid < 0 ? username : uid}`);
}

/**
 * Says that this process trains on a device, and finds who else does.
 * @param folder of the run, absolute
 * @throws where the temporary folder cannot be written
 */
export async function announceUse(
  device: ChosenDevice,
  folder: string,
  directory = registry(),
): Promise<AnnouncedUse> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, `${device}-${process.pid}-${randomUUID()}.json`);
  const draft = `${file}.tmp`;
  const use: DeviceUse = { device, pid: process.pid, folder };
  const release = () => rm(file, { force: true });
  try {
    await writeFile(draft, JSON.stringify(use));
    // Its own announcement first: of two runs that start together, at least one finds the other.
    await rename(draft, file);
    // A run's next stage begins before its last one has let go.
    const others = (await usesIn(directory, file)).filter(
      (other) => other.device === device && other.folder !== folder,
    );
    return { others, release };
  } catch (error) {
    await rm(draft, { force: true });
    await release();
    throw error;
  }
}

/** What a person is told about another run on the device. */
export function useNotice(device: ChosenDevice, { pid, folder }: DeviceUse): string {
  const shared = device === 'cpu' ? 'Both are slower for it' : 'They share its memory, which may run out';
  return `Another run (process ${pid}, ${folder}) is training on ${device}. ${shared}.`;
}

/** All live uses but one's own; files of processes that are gone are removed. */
async function usesIn(directory: string, own: string): Promise<DeviceUse[]> {
  const uses: DeviceUse[] = [];
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    if (file === own || !name.endsWith('.json')) continue;
    const use = await readUse(file);
    if (use !== undefined && isProcessAlive(use.pid)) uses.push(use);
    else await rm(file, { force: true });
  }
  return uses;
}

/** Undefined where it is damaged, or gone meanwhile. */
async function readUse(file: string): Promise<DeviceUse | undefined> {
  try {
    return useSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
