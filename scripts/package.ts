// Builds and packages the extension for this platform into out/prm-workbench-PLATFORM-VERSION.vsix, and
// checks what is inside.
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OUT, ROOT } from './lib/paths.ts';
import { runOrThrow } from './lib/processes.ts';

const VSCE = path.join(ROOT, 'node_modules/@vscode/vsce/vsce');

/** What a package may hold (.vscodeignore lists the same); anything else is a mistake. */
const ALLOWED = [
  /^package\.json$/,
  /^(README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^media\/(walkthrough\/)?[\w-]+\.(png|svg|md)$/,
  /^syntaxes\/[\w.-]+\.json$/,
  /^samples\//,
  /^dist\/(client|server)\/\w+\.cjs$/,
  /^dist\/webview\/[\w-]+\.(js|css|woff2?|ttf)$/,
  /^dist\/assets\//,
  /^dist\/THIRD-PARTY-NOTICES\.txt$/,
  /^dist\/node_modules\/onnxruntime-(node|common)\//,
];
/** Without these an installed extension does not work. */
const NEEDED = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'dist/THIRD-PARTY-NOTICES.txt',
  'dist/client/extension.cjs',
  'dist/server/main.cjs',
  'dist/server/engine.cjs',
  'dist/server/cli.cjs',
  'dist/server/commandLine.cjs',
  'dist/server/formatWorker.cjs',
  'dist/server/datasetProcess.cjs',
  'dist/server/datasetScan.cjs',
  'dist/webview/dashboard.js',
  'dist/webview/dashboard.css',
  'dist/webview/dataset.js',
  'dist/webview/dataset.css',
  'dist/webview/KaTeX_Main-Regular.woff2',
  'dist/assets/mini/tokenizer.json',
  `dist/node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`,
];

/**
 * Packages the extension. vsce builds it first, through `vscode:prepublish`.
 * @returns the .vsix and its size in bytes.
 * @throws when the package would hold a file that it should not, or lack one that it needs.
 */
export async function packageExtension(): Promise<{ file: string; bytes: number; files: number }> {
  const manifest = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const target = `${process.platform}-${process.arch}`;
  const file = path.join(OUT, `${manifest.name}-${target}-${manifest.version}.vsix`);
  await mkdir(OUT, { recursive: true });
  await rm(file, { force: true });
  await runOrThrow(
    process.execPath,
    [
      VSCE,
      ...['package', '--no-dependencies', '--target', target, '--out', file],
      // There is no public repository to rewrite the links of the README to.
      ...['--allow-missing-repository', '--no-rewrite-relative-links'],
    ],
    { cwd: ROOT },
  );
  const listed = await runOrThrow(process.execPath, [VSCE, 'ls', '--no-dependencies'], { cwd: ROOT });
  const files = listed.split('\n').filter((line) => line !== '' && !line.includes(' '));
  checkContents(files);
  return { file, bytes: (await stat(file)).size, files: files.length };
}

function checkContents(files: readonly string[]): void {
  const strange = files.filter((name) => !ALLOWED.some((pattern) => pattern.test(name)));
  const missing = NEEDED.filter((name) => !files.includes(name));
  if (strange.length === 0 && missing.length === 0) return;
  throw new Error(
    [
      'The package is not what it should be (.vscodeignore, scripts/package.ts).',
      ...(strange.length > 0 ? [`Should not be in it: ${strange.slice(0, 10).join(', ')}`] : []),
      ...(missing.length > 0 ? [`Missing: ${missing.join(', ')}`] : []),
    ].join('\n'),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { file, bytes, files } = await packageExtension();
  const size = (bytes / 2 ** 20).toFixed(1);
  console.log(`${path.relative(ROOT, file)}: ${size} MiB, ${files} files.`);
}
