// Runs the mocha suite inside VS Code's extension host. VS Code calls `run`; the outcome also goes to the
// file that PRM_TEST_RESULT names, because an exit code alone does not count tests.
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** scripts/codeShim.ts prints the lines that start so. */
const MARK = '[suite] ';

export function run(): Promise<void> {
  Mocha.reporters.Base.consoleLog = (...values: unknown[]) => {
    for (const line of format(...values).split('\n')) console.log(`${MARK}${line}`);
  };
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', timeout: 60_000, color: false });
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.cjs')) mocha.addFile(path.join(__dirname, name));
  }
  return new Promise((resolve, reject) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      const resultFile = process.env.PRM_TEST_RESULT;
      if (resultFile !== undefined) {
        writeFileSync(resultFile, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
      }
      if (failures > 0) reject(new Error(`${failures} failed`));
      else resolve();
    });
  });
}
