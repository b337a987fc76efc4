// What axe-core finds in a page.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * @param without rules that are not asked for
 * @param only the only rules that are asked for; empty: all
 * @returns one line for each element that breaks a rule: rule, element, why
 */
export async function violationsIn(
  page: Page,
  without: readonly string[] = [],
  only: readonly string[] = [],
): Promise<string[]> {
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const found = await page.evaluate(
    (options) =>
      (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run(options),
    {
      preload: false,
      rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
      ...(only.length === 0 ? {} : { runOnly: [...only] }),
    },
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}
