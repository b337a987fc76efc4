// The folder of a GGUF file's model: converted once, kept beside the cache of the Hub.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { checkFreeDisk } from '../../support/hub/freeDisk.ts';
import { hubSettings } from '../../support/hub/hubSettings.ts';
import { convertGguf } from './convertGguf.ts';
import { readGgufHeader, type GgufHeader } from './ggufHeader.ts';

export interface GgufHooks {
  signal?: AbortSignal | undefined;
  environment: NodeJS.ProcessEnv;
  /** Bytes of weights that are written, and of all. */
  onConvert?: ((done: number, total: number) => void) | undefined;
}

/** Counted up when the same file is to become another folder. */
const FORM = 1;

/**
 * @returns a folder as Hugging Face stores models; made now or before
 * @throws PrmError as `convertGguf`, and where the disk is too small
 */
export async function ggufFolder(file: string, hooks: GgufHooks): Promise<string> {
  const header = await readGgufHeader(file);
  const { cache } = await hubSettings(hooks.environment);
  const name = `${path.parse(file).name}-${await fingerprint(header)}`;
  const folder = path.join(path.dirname(cache), 'prm-workbench', 'gguf', name);
  if (await exists(folder)) return folder;
  await checkFreeDisk(folder, convertedBytes(header), {
    what: 'the converted model',
    remedy: 'Free some space, or set HF_HOME to a folder on another disk.',
  });
  await convertGguf(file, folder, {
    signal: hooks.signal,
    onProgress: ({ done, total }) => hooks.onConvert?.(done, total),
  });
  return folder;
}

/** Of what the file says of itself, its size and when it was written: gigabytes are not read only to name a folder. */
async function fingerprint({ file, size, metadata, tensors }: GgufHeader): Promise<string> {
  const { mtimeMs } = await stat(file);
  const said = JSON.stringify([FORM, size, mtimeMs, [...metadata], [...tensors]]);
  return createHash('sha256').update(said).digest('hex').slice(0, 12);
}

function convertedBytes({ tensors }: GgufHeader): number {
  let bytes = 0;
  for (const { dims, storage } of tensors.values()) {
    bytes += dims.reduce((product, size) => product * size, storage.name === 'F32' ? 4 : 2);
  }
  return bytes;
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
