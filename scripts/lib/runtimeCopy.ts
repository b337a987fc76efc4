// Copies onnxruntime-node beside the bundles: this platform's binaries only, without the scripts that
// download CUDA libraries (the package's own install step needs them; ours does not run it).
import path from 'node:path';
import { mirrorFolder } from './files.ts';
import { ROOT } from './paths.ts';

/** Copies the runtime into a `node_modules` folder from which the bundles then load it. */
export async function copyRuntime(nodeModules: string): Promise<void> {
  const from = path.join(ROOT, 'node_modules');
  const binaries = `/${process.platform}/${process.arch}/`;
  await mirrorFolder(
    path.join(from, 'onnxruntime-node'),
    path.join(nodeModules, 'onnxruntime-node'),
    (file) =>
      file === 'package.json' || isScript(file) || (file.startsWith('bin/') && `/${file}`.includes(binaries)),
  );
  await mirrorFolder(
    path.join(from, 'onnxruntime-common'),
    path.join(nodeModules, 'onnxruntime-common'),
    (file) =>
      file === 'package.json' ||
      file === 'dist/cjs/package.json' ||
      (isScript(file) && file.startsWith('dist/cjs/')),
  );
}

const isScript = (file: string): boolean => file.startsWith('dist/') && file.endsWith('.js');
