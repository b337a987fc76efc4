// Builds dist/: the bundles, the scoring model's assets and the runtime. `--watch` rebuilds on change,
// `--production` minifies and leaves the source maps out.
import { existsSync } from 'node:fs';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild, { type BuildOptions, type BuildResult, type Metafile, type Plugin } from 'esbuild';
import { mirrorFolder } from './lib/files.ts';
import { thirdPartyNotices } from './lib/notices.ts';
import { DIST, ROOT } from './lib/paths.ts';
import { copyRuntime } from './lib/runtimeCopy.ts';

/** Output path under dist/ (without extension) -> source. Each is a process or a thread of its own. */
const PROGRAMS: Record<string, string> = {
  'client/extension': 'client/src/extension.ts',
  'server/main': 'server/src/main.ts',
  'server/engine': 'server/src/engine.ts',
  'server/cli': 'server/src/cli.ts',
  'server/commandLine': 'server/src/commandLine.ts',
  'server/deviceProbe': 'server/src/models/devices/deviceProbe.ts',
  'server/formatWorker': 'server/src/datasets/format/formatWorker.ts',
  'server/datasetProcess': 'server/src/datasets/host/datasetProcess.ts',
  'server/datasetScan': 'server/src/datasets/host/datasetScan.ts',
  'server/corruptThread': 'server/src/generation/corruptThread.ts',
};

/** The same for pages; the stylesheets that one imports become a .css file beside its script. */
const PAGES: Record<string, string> = {
  'webview/dashboard': 'webview/src/dashboard/main.ts',
  'webview/dataset': 'webview/src/dataset/main.ts',
};

/** The licences of what is bundled. */
const NOTICES = 'THIRD-PARTY-NOTICES.txt';

/** Of every program's bundle; the command line has the interpreter's name in its place. */
const FIRST_LINE = '// Built by scripts/build.ts.';

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
  const metafiles: Metafile[] = [];
  for (const options of [programs(production), pages(production)]) {
    const result = await esbuild.build(options);
    await writeBundles(result);
    metafiles.push(result.metafile);
  }
  // What went into each program; a test reads it to hold what the language server may load.
  await replaceFile(path.join(DIST, 'meta.json'), JSON.stringify(metafiles[0]), false);
  await replaceFile(path.join(DIST, NOTICES), await thirdPartyNotices(metafiles), false);
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
  for (const options of [programs(false), pages(false)]) {
    const context = await esbuild.context({ ...options, plugins: [report] });
    await context.watch();
  }
}

type Options = BuildOptions & { write: false; metafile: true };

function common(production: boolean): Options {
  return {
    absWorkingDir: ROOT,
    outdir: DIST,
    bundle: true,
    write: false,
    metafile: true,
    sourcemap: production ? false : 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
  };
}

function programs(production: boolean): Options {
  return {
    ...common(production),
    entryPoints: existing(PROGRAMS),
    // Names stay: stack traces need them. (esbuild's `keepNames` sets them anew on every inner function that is made, which
    // took a fifth of the time of `prm generate corrupt`.)
    minifyWhitespace: production,
    minifySyntax: production,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // vscode is given by the extension host; the runtime is native and lies beside the bundles.
    external: ['vscode', 'onnxruntime-node'],
    // Some packages name a browser or UMD build first, whose inner `require` esbuild cannot follow.
    mainFields: ['module', 'main'],
    // esbuild leaves `import.meta` empty in CommonJS, so its members are defined by hand.
    banner: {
      js: `${FIRST_LINE}\nconst __importMetaUrl = require('node:url').pathToFileURL(__filename).href;`,
    },
    define: {
      'import.meta.url': '__importMetaUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
  };
}

function pages(production: boolean): Options {
  return {
    ...common(production),
    entryPoints: existing(PAGES),
    minify: production,
    keepNames: true,
    platform: 'browser',
    // The Chromium of VS Code 1.101.
    target: 'chrome134',
    format: 'iife',
    // KaTeX names each font three times; this browser takes the first.
    loader: { '.woff2': 'file', '.woff': 'empty', '.ttf': 'empty' },
    assetNames: 'webview/[name]',
  };
}

function existing(entryPoints: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entryPoints).filter(([, source]) => existsSync(path.join(ROOT, source))),
  );
}

async function writeBundles(result: BuildResult<Options>): Promise<void> {
  for (const file of result.outputFiles) {
    const executable = path.basename(file.path) === 'cli.cjs';
    await replaceFile(file.path, executable ? asProgram(file.text) : file.contents, executable);
  }
}

/** Names the interpreter in the place of the first line, so that the source map still fits. */
function asProgram(bundle: string): string {
  return bundle.replace(FIRST_LINE, '#!/usr/bin/env node');
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
    await build({ production: process.argv.includes('--production') }).then(
      () => console.log(`Built dist/ in ${((performance.now() - started) / 1000).toFixed(1)} s.`),
      () => {
        // esbuild has printed what and where.
        process.exitCode = 1;
      },
    );
  }
}
