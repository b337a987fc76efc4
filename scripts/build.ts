// Builds dist/: the bundles, the scoring model's assets and the runtime. `--watch` rebuilds on change,
// `--production` minifies and leaves the source maps out.
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild, { type BuildOptions, type BuildResult, type Plugin } from 'esbuild';
import { mirrorFolder } from './lib/files.ts';
import { DIST, ROOT } from './lib/paths.ts';
import { copyRuntime } from './lib/runtimeCopy.ts';

/** Output path under dist/ (without extension) -> source. Each is a process or a thread of its own. */
const ENTRY_POINTS: Record<string, string> = {
  'client/extension': 'client/src/extension.ts',
  'server/main': 'server/src/main.ts',
  'server/engine': 'server/src/engine.ts',
  'server/cli': 'server/src/cli.ts',
  'server/formatWorker': 'server/src/datasets/formatWorker.ts',
};

/** A bundle is CommonJS: esbuild leaves `import.meta` empty there, so its members are defined by hand. */
const IMPORT_META = {
  banner: `const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;`,
  define: {
    'import.meta.url': '__importMetaUrl',
    'import.meta.dirname': '__dirname',
    'import.meta.filename': '__filename',
  },
};

export interface BuildChoices {
  /** Minified, without source maps. */
  production?: boolean;
}

/**
 * Builds everything under dist/ once. Files are replaced by renaming, so a process that starts meanwhile
 * never reads half a bundle.
 * @throws when a source does not compile (esbuild prints where).
 */
export async function build({ production = false }: BuildChoices = {}): Promise<void> {
  const result = await esbuild.build(options(production));
  await writeBundles(result);
  await copyRest();
}

async function watch(): Promise<void> {
  const report: Plugin = {
    name: 'write-and-report',
    setup(hooks) {
      hooks.onEnd(async (result) => {
        if (result.errors.length > 0) return;
        await writeBundles(result);
        await copyRest();
        console.log(`${new Date().toLocaleTimeString()} built`);
      });
    },
  };
  const context = await esbuild.context({ ...options(false), plugins: [report] });
  await context.watch();
}

function options(production: boolean): BuildOptions & { write: false } {
  const entryPoints = Object.fromEntries(
    Object.entries(ENTRY_POINTS).filter(([, source]) => existsSync(path.join(ROOT, source))),
  );
  return {
    absWorkingDir: ROOT,
    entryPoints,
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // vscode is given by the extension host; the runtime is native and lies beside the bundles.
    external: ['vscode', 'onnxruntime-node'],
    // Some packages name a browser or UMD build first, whose inner `require` esbuild cannot follow.
    mainFields: ['module', 'main'],
    define: IMPORT_META.define,
    banner: { js: IMPORT_META.banner },
    minify: production,
    keepNames: true,
    sourcemap: production ? false : 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
  };
}

async function writeBundles(result: BuildResult<{ write: false; metafile?: boolean }>): Promise<void> {
  for (const file of result.outputFiles) {
    // Its source begins with the interpreter's line, which esbuild keeps.
    const executable = path.basename(file.path) === 'cli.cjs';
    await replaceFile(file.path, file.contents, executable);
  }
  await replaceFile(path.join(DIST, 'meta.json'), JSON.stringify(result.metafile), false);
}

async function replaceFile(file: string, contents: Uint8Array | string, executable: boolean): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  if (executable) await chmod(temporary, 0o755);
  await rename(temporary, file);
}

async function copyRest(): Promise<void> {
  await copyRuntime(path.join(DIST, 'node_modules'));
  const assets = path.join(ROOT, 'server/assets');
  if (existsSync(assets)) await mirrorFolder(assets, path.join(DIST, 'assets'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = performance.now();
  if (process.argv.includes('--watch')) {
    await watch();
  } else {
    await build({ production: process.argv.includes('--production') });
    console.log(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  }
}
