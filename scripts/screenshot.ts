// `npm run screenshot`: takes the pictures in docs/images of the real workbench, driven as a person would: score
// samples/reasoning.txt and hover over the wrong step; open the dashboard; open the sample dataset, a row, its summary.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { demoModel, prepareWorkspace } from './lib/demoPaths.ts';
import { ROOT } from './lib/paths.ts';
import { Workbench } from './lib/workbench.ts';
import { packageExtension } from './package.ts';

const IMAGES = path.join(ROOT, 'docs/images');
const WRONG_STEP = 'Step 3';

if (demoModel() === undefined) {
  console.error('There is no model to score with. Run `npm run demo` first.');
  process.exit(1);
}

const { file } = await packageExtension();
const workbench = await Workbench.open({
  vsix: file,
  prepare: prepareWorkspace,
  viewport: { width: 1100, height: 400 },
  scale: 2,
  settings: {
    'editor.wordWrap': 'on',
    'editor.fontSize': 14,
    'editor.scrollbar.vertical': 'hidden',
    'editor.overviewRulerBorder': false,
    'editor.hideCursorInOverviewRuler': true,
  },
});
const { page } = workbench;
try {
  await mkdir(IMAGES, { recursive: true });
  await showScoredSteps();
  await takePicture('scored-steps.png');
  await showDashboard();
  await takePicture('dashboard.png');
  await showDataset();
} finally {
  await workbench.close();
}

async function takePicture(name: string): Promise<void> {
  // Hovers fade in, charts take a frame.
  await page.waitForTimeout(500);
  const picture = path.join(IMAGES, name);
  await page.screenshot({ path: picture });
  console.log(`Wrote ${path.relative(ROOT, picture)}.`);
}

async function showScoredSteps(): Promise<void> {
  await workbench.openFile('reasoning.txt');
  await page.locator('.view-line', { hasText: WRONG_STEP }).waitFor();
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  await workbench.runCommand('PRM: Score Document');
  await page
    .locator('.view-line', { hasText: /[✓✗]\s\d\.\d\d/ })
    .first()
    .waitFor();
  await page.locator('.view-line', { hasText: WRONG_STEP }).hover({ position: { x: 120, y: 8 } });
  const hover = page.locator('.monaco-hover:not(.hidden)').filter({ hasText: 'Running minimum' });
  await hover.waitFor();
}

async function showDashboard(): Promise<void> {
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1100, height: 950 });
  await workbench.runCommand('PRM: Open Training Dashboard');
  await workbench.webview.getByRole('figure', { name: 'Accuracy', exact: true }).waitFor();
}

async function showDataset(): Promise<void> {
  await workbench.runCommand('View: Close All Editors');
  await workbench.runCommand('View: Show Explorer');
  await page.setViewportSize({ width: 1300, height: 760 });
  await workbench.openFile('gsm8k-stepwise-sample.parquet');
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  await workbench.webview.getByRole('row').nth(10).waitFor();
  await workbench.webview.getByRole('row').nth(4).click();
  await page.keyboard.press('Enter');
  await workbench.webview.getByRole('button', { name: /Next row/ }).waitFor();
  await takePicture('dataset-table.png');
}
