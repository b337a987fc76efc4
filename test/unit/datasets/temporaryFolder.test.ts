// Temporary folders: those of this process stay, whichever of its threads made them.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { getEnvironmentData } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTemporaryFolder, removeLeftovers } from '../../../server/src/datasets/temporaryFolder.ts';

let parent: string;
beforeAll(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'leftovers-'));
});
afterAll(() => {
  rmSync(parent, { recursive: true });
});

it('keeps the folders of this process and of its other threads, and removes those of an earlier one', async () => {
  const own = await makeTemporaryFolder(parent);
  const run = getEnvironmentData('prm-workbench.run');
  if (typeof run !== 'string') throw new TypeError('The run has no name.');
  expect(path.basename(own)).toContain(run);
  // Another thread has the same process id, and inherits the name of the run.
  const named = (end: string): string => own.replace(new RegExp(`${run}.{6}$`), end);
  const ofThread = named(`${run}123456`);
  const ofEarlier = named('zzzzzz123456'.replaceAll('z', run.startsWith('a') ? 'b' : 'a'));
  for (const folder of [ofThread, ofEarlier]) mkdirSync(folder);
  await removeLeftovers(parent);
  expect([own, ofThread, ofEarlier].map((folder) => existsSync(folder))).toEqual([true, true, false]);
});
