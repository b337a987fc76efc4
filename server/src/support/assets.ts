// Files that ship with the product (server/assets), found from the sources and from the bundles alike.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { PrmError } from './errors.ts';

/** Relative to this module: dist/server -> dist/assets, server/src/support -> server/assets. */
const FOLDERS = ['../assets', '../../assets'];

/**
 * The full path of a bundled file.
 * @param name path below server/assets, with `/`, such as `mini/tokenizer.json`.
 * @throws PrmError when the installation lacks it.
 */
export function assetPath(name: string): string {
  for (const folder of FOLDERS) {
    const file = path.resolve(import.meta.dirname, folder, name);
    if (existsSync(file)) return file;
  }
  throw new PrmError({
    what: `The bundled file ${name} is missing`,
    where: path.resolve(import.meta.dirname, '../assets'),
    remedy: 'Install the extension again, or run `npm run build` in a source checkout.',
  });
}
