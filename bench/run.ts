// `npm run bench [NAME…]`: runs the benchmarks one after the other, each in a process of its own, so that
// none is measured in the memory and caches that another left.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from '../scripts/build.ts';
import { ROOT } from '../scripts/lib/paths.ts';
import { run } from '../scripts/lib/processes.ts';

const SUFFIX = '.bench.ts';
const chosen = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length))
  .filter((name) => chosen.length === 0 || chosen.includes(name));

if (names.length === 0) {
  console.error(`No benchmark bench/${chosen.length === 0 ? '*' : chosen.join(',')}${SUFFIX}.`);
  process.exit(2);
}

await build();
for (const name of names) {
  console.log(`\n--- ${name}`);
  const file = path.join(import.meta.dirname, `${name}${SUFFIX}`);
  const { code } = await run(process.execPath, ['--expose-gc', '--import', 'tsx', file], { cwd: ROOT });
  if (code !== 0) {
    console.error(`${name} ended with code ${code}.`);
    process.exitCode = 1;
  }
}
