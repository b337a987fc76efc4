import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../server/src/support/makeFolder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'make-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('makeFolder', () => {
  it('makes all that is missing, and names the outermost', async () => {
    expect(await makeFolder(path.join(folder, 'a/b/c'))).toBe(path.join(folder, 'a'));
    expect(existsSync(path.join(folder, 'a/b/c'))).toBe(true);
    expect(await makeFolder(path.join(folder, 'a/b/d'))).toBe(path.join(folder, 'a/b/d'));
    expect(await makeFolder(path.join(folder, 'a/b'))).toBeUndefined();
  });

  it('is made once where several want it at the same time', async () => {
    const places = Array.from({ length: 8 }, () => path.join(folder, 'x/y/z'));
    await Promise.all(places.map(makeFolder));
    expect(existsSync(path.join(folder, 'x/y/z'))).toBe(true);
  });

  it('fails where a file is in the way', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    await expect(makeFolder(path.join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(path.join(folder, 'file/a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')('ends where nothing can be made', async () => {
    await expect(makeFolder('/proc/no/such/place')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
