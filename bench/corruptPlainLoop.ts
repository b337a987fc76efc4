// The yardstick of generate.bench.ts: a plain loop that changes a number in a step by a regular expression. It does not look at
// equations, words or later steps, nor whether the change is an error. Arguments: SOURCE.jsonl OUTPUT PATHS.
import { readFileSync, writeFileSync } from 'node:fs';

function main(source = '', output = '', paths = '0'): void {
  const wanted = Number(paths);
  const lines: string[] = [];
  const rows = readFileSync(source, 'utf8').trim().split('\n');
  const perProblem = Math.ceil(wanted / rows.length);
  for (const row of rows) {
    // Unchecked on purpose: the plain loop is the least that anybody would write.
    const { question, answer } = JSON.parse(row) as { question: string; answer: string };
    const steps = answer.split('\n');
    for (let path = 0; path < perProblem && lines.length < wanted; path++) {
      const at = path % steps.length;
      const completions = steps.with(
        at,
        (steps[at] ?? '').replace(/\d+/, (digits) => String(Number(digits) + 1 + path)),
      );
      lines.push(
        JSON.stringify({ prompt: question, completions, labels: completions.map((_, step) => step < at) }),
      );
    }
  }
  writeFileSync(output, `${lines.join('\n')}\n`);
}

main(...process.argv.slice(2));
