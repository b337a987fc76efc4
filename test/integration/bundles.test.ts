// What is built and packaged: every process's bundle, what each may load, and what a .vsix holds.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DIST = path.join(ROOT, 'dist');

interface Metafile {
  outputs: Record<
    string,
    { imports: { path: string; external?: boolean }[]; inputs: Record<string, unknown> }
  >;
}

const { outputs } = JSON.parse(readFileSync(path.join(DIST, 'meta.json'), 'utf8')) as Metafile;

function loads(bundle: string): string[] {
  const output = outputs[`dist/${bundle}.cjs`];
  if (output === undefined) throw new Error(`dist/${bundle}.cjs was not built`);
  return output.imports.filter(({ external }) => external).map((entry) => entry.path);
}

describe('bundles', () => {
  it.each([
    'client/extension',
    'server/main',
    'server/engine',
    'server/cli',
    'server/commandLine',
    'server/deviceProbe',
    'server/formatWorker',
    'server/datasetProcess',
    'server/datasetScan',
    'server/corruptThread',
  ])('holds %s', (bundle) => {
    expect(existsSync(path.join(DIST, `${bundle}.cjs`))).toBe(true);
  });

  it('load the runtime only where a model runs', () => {
    expect(loads('server/engine')).toContain('onnxruntime-node');
    expect(loads('server/commandLine')).toContain('onnxruntime-node');
    expect(loads('server/deviceProbe')).toContain('onnxruntime-node');
    for (const bundle of [
      'client/extension',
      'server/main',
      'server/cli',
      'server/formatWorker',
      'server/datasetProcess',
      'server/datasetScan',
      'server/corruptThread',
      'server/corruptThread',
    ]) {
      expect(loads(bundle), bundle).not.toContain('onnxruntime-node');
    }
  });

  it('start a dataset process without what it does not need: its start is part of opening a file', () => {
    const sources = Object.keys(outputs['dist/server/datasetProcess.cjs']?.inputs ?? {});
    expect(sources.filter((source) => /node_modules\/(zod|vscode-languageserver)/.test(source))).toEqual([]);
  });

  it('keep the extension and the server apart', () => {
    const sources = (bundle: string): string[] => Object.keys(outputs[`dist/${bundle}.cjs`]?.inputs ?? {});
    expect(sources('client/extension').filter((source) => source.startsWith('server/'))).toEqual([]);
    expect(sources('server/main').filter((source) => source.startsWith('client/'))).toEqual([]);
    expect(loads('server/main')).not.toContain('vscode');
  });

  it('have a command line that starts as a program', () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    const printed = execFileSync(path.join(DIST, 'server/cli.cjs'), ['--version'], { encoding: 'utf8' });
    expect(printed.trim()).toBe(version);
  });
});

describe('the package', () => {
  it('holds what is needed at run time, and no sources, tests or maps', () => {
    const vsce = path.join(ROOT, 'node_modules/@vscode/vsce/vsce');
    const listed = execFileSync(process.execPath, [vsce, 'ls', '--no-dependencies'], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, npm_config_update_notifier: 'false' },
    });
    const files = listed.split('\n');
    expect(files).toContain('dist/client/extension.cjs');
    expect(files).toContain('dist/assets/mini/tokenizer.json');
    expect(
      files.filter((name) => /\.(ts|map)$|^(test|scripts|bench|out|server|client|docs)\//.test(name)),
    ).toEqual([]);
  });
});
