// The licences of what is bundled: their terms ask that the text goes along with every copy.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { ROOT } from './paths.ts';

/** Copied whole instead of bundled (runtimeCopy.ts). */
const COPIED = ['node_modules/onnxruntime-node', 'node_modules/onnxruntime-common'];

/** The text of THIRD-PARTY-NOTICES.txt for bundles with these inputs: one section a package, by name. */
export async function thirdPartyNotices(metafiles: readonly Metafile[]): Promise<string> {
  const folders = new Set(COPIED);
  for (const { inputs } of metafiles) {
    for (const input of Object.keys(inputs)) {
      // The last one: a package may have packages of its own inside.
      const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
      if (folder !== undefined) folders.add(folder);
    }
  }
  const sections = await Promise.all([...folders].sort().map(section));
  return `PRM Workbench contains these packages.\n${sections.join('')}`;
}

async function section(folder: string): Promise<string> {
  const home = path.join(ROOT, folder);
  const manifest = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const names = (await readdir(home)).filter((name) => /^(licen[cs]e|notice|thirdparty)/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(path.join(home, name), 'utf8')));
  const heading = `${manifest.name} ${manifest.version} (${manifest.license ?? 'see below'})`;
  return `\n${'-'.repeat(80)}\n${heading}\n\n${texts.map((text) => text.trim()).join('\n\n')}\n`;
}
