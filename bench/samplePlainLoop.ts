// What `prm generate sample` is measured against: the same requests by bare `fetch`, as many at once, the answers joined and appended to
// a list that is written at the end. No cache, no pacing, no check of anything. `node samplePlainLoop.js FILE OUT SERVER PROBLEMS SAMPLES`
import { readFile, writeFile } from 'node:fs/promises';

const [file = '', out = '', server = '', problems = '0', samples = '0', atOnce = '1'] = process.argv.slice(2);

const questions = (await readFile(file, 'utf8'))
  .trim()
  .split('\n')
  .slice(0, Number(problems))
  .map((line) => (JSON.parse(line) as { question: string }).question);
const wanted = questions.flatMap((question) =>
  Array.from({ length: Number(samples) }, (_, seed) => ({ question, seed })),
);
const lines: string[] = [];
const rest = wanted.values();

async function ask(): Promise<void> {
  for (const { question, seed } of rest) {
    const response = await fetch(`${server}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'bench',
        messages: [{ role: 'user', content: question }],
        stream: true,
        seed,
      }),
    });
    let text = '';
    for (const event of (await response.text()).split('\n\n')) {
      if (!event.startsWith('data: {')) continue;
      const { choices } = JSON.parse(event.slice('data: '.length)) as {
        choices: { delta: { content?: string } }[];
      };
      text += choices[0]?.delta.content ?? '';
    }
    lines.push(`${JSON.stringify({ question, completions: text.split('\n') })}\n`);
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, ask));
await writeFile(out, lines.join(''));
