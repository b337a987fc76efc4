// The training dashboard in the real VS Code, as a person uses it: from the palette, over folders of real runs, and over
// a reload of the window.
import { cpSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.ts';
import { Workbench } from '../../scripts/lib/workbench.ts';

const RUNS = ['done', 'killed', 'resumed'];

let workbench: Workbench;
let page: Page;
let view: FrameLocator;

beforeAll(async () => {
  workbench = await Workbench.open({
    vsix: inject('vsix'),
    viewport: { width: 1300, height: 900 },
    prepare: (workspace) => {
      for (const name of RUNS) {
        const from = path.join(ROOT, 'test/fixtures/runs', name);
        // One lies where a terminal may have put it.
        const place = name === 'resumed' ? 'experiments' : '.prm/runs';
        cpSync(from, path.join(workspace, place, name), { recursive: true });
      }
      return Promise.resolve();
    },
  });
  ({ page } = workbench);
  view = workbench.webview;
}, 300_000);
afterAll(async () => {
  await workbench.close();
});

async function seesAllRuns(): Promise<void> {
  for (const name of RUNS) await view.getByText(name, { exact: true }).first().waitFor();
}

describe('the training dashboard', () => {
  it('opens from the palette, with the runs of the workspace wherever they lie', async () => {
    await workbench.runCommand('PRM: Open Training Dashboard');
    await seesAllRuns();
  });

  it('is there again after the window was reloaded', async () => {
    // By VS Code's own command, which first writes down what is open; the browser's reload may come before that.
    const loaded = page.waitForEvent('load');
    await workbench.runCommand('Developer: Reload Window');
    await loaded;
    await page.getByRole('tab', { name: 'PRM Training' }).waitFor();
    await seesAllRuns();
    expect(await page.getByRole('tab', { name: 'PRM Training' }).count()).toBe(1);
  });
});
