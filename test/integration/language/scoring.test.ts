// Scoring in the editor, over a real connection: hints, hovers, edits, and every way in which it can fail.
import { cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CLEAR_SCORES, LIST_MODELS, TRUST_GRANTED } from '../../../protocol/src/requests.ts';
import { writeSmallModel } from '../../support/smallModel.ts';
import { type Editor, type EditorOptions, failureOf, type Kind, startEditor } from './editor.ts';

const REASONING = `A box holds 12 eggs. How many eggs are in 4 boxes, if 5 are broken?

Step 1: Four boxes hold 4 * 12 = 48 eggs.
Step 2: Of them 48 - 5 = 45 are whole.
Step 3: The answer is 45.
`;

const MARKED = /^[✓✗] \d\.\d\d( ◀)?$/;
const STALE = /^[✓✗] \d\.\d\d \(stale\)$/;

let workspace: string;
let editor: Editor;

beforeAll(async () => {
  workspace = await realpath(await mkdtemp(path.join(tmpdir(), 'prm-language-')));
  await writeSmallModel(path.join(workspace, '.prm/runs/small'), 'best_model');
});
afterAll(() => rm(workspace, { recursive: true }));
afterEach(() => editor.close());

const MODEL = '.prm/runs/small/best_model';
const withModel = (extra: object = {}): Record<string, unknown> => ({
  model: { path: MODEL },
  device: 'cpu',
  ...extra,
});

async function start(kind: Kind, options: Partial<EditorOptions> = {}): Promise<Editor> {
  editor = await startEditor(kind, { workspace, settings: withModel(), ...options });
  return editor;
}

describe.each<Kind>(['in-band', 'spawned'])('a document scored by a server that is %s', (kind) => {
  it('gets a hint behind each step and a hover on it', async () => {
    const client = await start(kind);
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    const report = await doc.score();

    expect(report.problem).toBe('A box holds 12 eggs. How many eggs are in 4 boxes, if 5 are broken?');
    expect(report.steps.map(({ text }) => text)).toEqual([
      'Four boxes hold 4 * 12 = 48 eggs.',
      'Of them 48 - 5 = 45 are whole.',
      'The answer is 45.',
    ]);
    expect(report).toMatchObject({ model: 'small', device: 'cpu', threshold: 0.5, aggregate: 'min' });
    const scores = report.steps.map(({ score }) => score);
    expect(report.aggregateScore).toBe(Math.min(...scores));
    expect(report.firstDoubtful).toBe(scores.findIndex((score) => score < 0.5) + 1 || null);

    const hints = await doc.inlayHints();
    expect(hints.map(({ line }) => line)).toEqual([2, 3, 4]);
    hints.forEach(({ label }, index) => {
      expect(label).toMatch(MARKED);
      expect(label.startsWith(report.steps[index]?.label === 'correct' ? '✓' : '✗')).toBe(true);
      expect(label.endsWith('◀')).toBe(report.firstDoubtful === index + 1);
    });

    const hover = await doc.hoverOn('48 - 5');
    const [first = 0, second = 0] = scores;
    expect(hover).toContain(`Step 2 of 3: `);
    expect(hover).toContain(second.toFixed(4));
    expect(hover).toContain(`Running minimum ${Math.min(first, second).toFixed(4)}`);
    expect(hover).toContain(`running product ${(first * second).toFixed(4)}`);
    expect(hover).toMatch(/- ✗ .*48.*5.*45/);
    expect(hover).toMatch(/small on cpu, \d+ ms$/);
    expect(await doc.hoverOn('Four boxes')).toMatch(/- ✓ .*4.*12.*48/);
    expect(await doc.hoverOn('A box')).toBeUndefined();
  });

  it('keeps its scores at their text, and shows which are stale', async () => {
    const client = await start(kind);
    const doc = await client.open({ lang: 'plaintext', text: `Notes.\n\n${REASONING}` });
    await doc.score(REASONING);
    const fresh = (await doc.inlayHints()).map(({ label }) => label);

    await doc.insertBefore('Notes.', 'A line above.\n');
    expect(await doc.inlayHints()).toEqual(fresh.map((label, index) => ({ line: 5 + index, label })));

    await doc.replace('48 - 5 = 45', '48 - 5 = 43');
    const [first, second, third] = (await doc.inlayHints()).map(({ label }) => label);
    expect(first).toBe(fresh[0]);
    expect(second).toMatch(STALE);
    expect(third).toMatch(STALE);
    expect(await doc.hoverOn('Of them')).toContain('Stale');

    await doc.replace('48 - 5 = 43', '48 - 5 = 45');
    expect((await doc.inlayHints()).map(({ label }) => label)).toEqual(fresh);

    await doc.replace('12 eggs', '13 eggs');
    expect((await doc.inlayHints()).every(({ label }) => STALE.test(label))).toBe(true);
    await doc.replace('13 eggs', '12 eggs');

    await doc.insertBefore('Step 2: Of', 'Step 2: A box of eggs is heavy.\n');
    const labels = (await doc.inlayHints()).map(({ label }) => label);
    expect(labels).toEqual([
      fresh[0],
      '~ not scored',
      expect.stringMatching(STALE),
      expect.stringMatching(STALE),
    ]);
    expect(await doc.hoverOn('A box of eggs')).toContain('not scored');
    await doc.replace('Step 2: A box of eggs is heavy.\n', '');
    expect((await doc.inlayHints()).map(({ label }) => label)).toEqual(fresh);
  });
});

describe('scores', () => {
  it('come back with text that was removed whole and put back', async () => {
    const doc = await (
      await start('in-band')
    ).open({ lang: 'markdown', text: `# Notes\n\n${REASONING}\nEnd.\n` });
    await doc.score(REASONING);
    const fresh = await doc.inlayHints();
    await doc.replace(REASONING, '');
    expect(await doc.inlayHints()).toEqual([]);
    await doc.insertBefore('\nEnd.', REASONING);
    expect(await doc.inlayHints()).toEqual(fresh);
  });

  it('are cleared by document, and forgotten when it closes', async () => {
    const client = await start('in-band');
    const one = await client.open({ lang: 'plaintext', text: REASONING });
    const other = await client.open({ lang: 'plaintext', text: REASONING });
    await one.score();
    await other.score();
    expect(await client.request(CLEAR_SCORES, { uri: one.uri })).toEqual({ cleared: 1 });
    expect(await one.inlayHints()).toEqual([]);
    expect(await other.inlayHints()).toHaveLength(3);
    await other.close();
    expect(await client.request(CLEAR_SCORES, {})).toEqual({ cleared: 0 });
  });

  it('of an overlapping selection take the place of those before', async () => {
    const client = await start('in-band');
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    await doc.score();
    const selected = REASONING.slice(0, REASONING.indexOf('Step 3'));
    await doc.score(selected);
    expect(await doc.inlayHints()).toHaveLength(2);
    expect(await client.request(CLEAR_SCORES, { uri: doc.uri })).toEqual({ cleared: 1 });
  });

  it('are judged anew when the threshold changes, and hidden when hints are off', async () => {
    const client = await start('in-band', { settings: withModel({ score: { threshold: 0 } }) });
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    expect((await doc.score()).firstDoubtful).toBeNull();
    expect((await doc.inlayHints()).every(({ label }) => label.startsWith('✓'))).toBe(true);
    await client.configure(withModel({ score: { threshold: 1 } }));
    await expect.poll(async () => (await doc.inlayHints())[0]?.label).toMatch(/^✗ .* ◀$/);
    await client.configure(withModel({ inlayHints: { enabled: false } }));
    await expect.poll(() => doc.inlayHints()).toEqual([]);
    expect(await doc.hoverOn('Four boxes')).toContain('Step 1 of 3');
  });

  it('are given to a comment in code', async () => {
    const text = REASONING.split('\n')
      .map((line) => `// ${line}`.trimEnd())
      .join('\n');
    const doc = await (
      await start('in-band')
    ).open({ lang: 'typescript', text: `const a = 1;\n${text}\nconst b = 2;\n` });
    const report = await doc.score(text);
    expect(report.problem).toBe('A box holds 12 eggs. How many eggs are in 4 boxes, if 5 are broken?');
    expect(report.steps.map(({ text: step }) => step)).toContain('Of them 48 - 5 = 45 are whole.');
    expect((await doc.inlayHints()).map(({ line }) => line)).toEqual([3, 4, 5]);
  });
});

describe('a hover', () => {
  it('shows text of the document as it is: no link, no image, no command', async () => {
    const text =
      'A problem?\n\nStep 1: 2 [x](command:workbench.action.quit) = 3 <img src=x> ![y](https://example.org)\n';
    const doc = await (await start('in-band')).open({ lang: 'plaintext', text });
    await doc.score();
    const hover = await doc.hoverOn('[x]');
    expect(hover).toContain('Step 1 of 1');
    expect(hover).not.toMatch(/(?<!\\)[[\]<>]/);
    expect(hover).not.toContain('https://');
  });
});

describe('a scoring that cannot be done', () => {
  it('says that no model is selected, and offers to select one', async () => {
    const client = await start('in-band', { settings: {} });
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    expect(await failureOf(doc.score())).toMatchObject({
      what: 'No model is selected',
      actions: ['selectModel'],
    });
    expect(await client.status(({ state }) => state === 'none')).toBeDefined();
  });

  it('says that the text holds no steps', async () => {
    const doc = await (await start('in-band')).open({ lang: 'plaintext', text: '   \n\n' });
    expect((await failureOf(doc.score())).what).toBe('The document holds no reasoning steps');
  });

  it('refuses 10 MB at once', async () => {
    const client = await start('in-band');
    const doc = await client.open({ lang: 'plaintext', text: 'Step 1: 1 + 1 = 2.\n'.repeat(550_000) });
    const started = performance.now();
    const failure = await failureOf(doc.score());
    expect(failure.what).toMatch(/^The document has 10,450,000 characters/);
    expect(failure.remedy).toBe('Select one problem with its steps.');
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('names the damaged file of a model, and what to do', async () => {
    const broken = path.join(workspace, 'broken');
    await cp(path.join(workspace, MODEL), broken, { recursive: true });
    await writeFile(path.join(broken, 'model.safetensors'), 'not weights');
    const client = await start('in-band', { settings: withModel({ model: { path: 'broken' } }) });
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    const failure = await failureOf(doc.score());
    expect(failure.where).toContain('model.safetensors');
    expect(failure.actions).toEqual(['selectModel', 'showOutput']);
    expect(await client.status(({ state }) => state === 'failed')).toMatchObject({ model: 'broken' });
  });

  it('names a model folder that is not there', async () => {
    const client = await start('in-band', { settings: withModel({ model: { path: 'gone' } }) });
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    expect((await failureOf(doc.score())).where).toBe(path.join(workspace, 'gone'));
  });

  it('does not load a model in a workspace that is not trusted, until it is', async () => {
    const client = await start('in-band', { trusted: false });
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    expect(await failureOf(doc.score())).toMatchObject({
      what: 'Scoring needs a trusted workspace',
      actions: ['manageTrust'],
    });
    await client.status(({ state }) => state === 'untrusted');
    await client.notify(TRUST_GRANTED.method, {});
    await client.status(({ state }) => state === 'idle');
    expect((await doc.score()).steps).toHaveLength(3);
  });

  it('is told once when the engine is killed, and works again after', async () => {
    const client = await start('in-band');
    const doc = await client.open({ lang: 'plaintext', text: REASONING });
    await doc.score();
    const fresh = await doc.inlayHints();
    const { message } = await client.until<{ message: string }>({ method: 'window/logMessage' }, (log) =>
      log.message.includes('engine process'),
    );
    process.kill(Number(/engine process (\d+)/.exec(message)?.[1]), 'SIGKILL');
    const status = await client.status(({ state }) => state === 'failed');
    expect(status.message).toContain('SIGKILL');
    expect(await doc.inlayHints()).toEqual(fresh);

    // Another text, so that the score is computed and not remembered.
    await doc.replace('12 eggs', '11 eggs');
    expect((await doc.score()).steps).toHaveLength(3);
    const shown = client.seen<{ message: string }>({ method: 'window/showMessage' });
    expect(shown.filter(({ message: text }) => text.includes('SIGKILL'))).toHaveLength(1);
  });

  it('gives way to a newer one of the same document', async () => {
    const doc = await (await start('in-band')).open({ lang: 'plaintext', text: REASONING });
    const [first, second] = await Promise.allSettled([doc.score(), doc.score()]);
    expect(first).toMatchObject({ status: 'rejected', reason: { code: -32800 } });
    expect(second.status).toBe('fulfilled');
    expect(await doc.inlayHints()).toHaveLength(3);
  });
});

describe('the models of a workspace', () => {
  it('are listed with the one that is selected', async () => {
    const client = await start('in-band');
    const models = await client.request(LIST_MODELS, {});
    expect(models).toEqual([
      {
        folder: path.join(workspace, MODEL),
        label: 'small / best_model',
        detail: MODEL,
        modified: expect.any(Number) as number,
        selected: true,
      },
    ]);
  });

  it('are told by the status: selected, loading, ready on a device', async () => {
    const client = await start('in-band');
    await client.status(({ state }) => state === 'idle');
    await (await client.open({ lang: 'plaintext', text: REASONING })).score();
    await client.status(({ state }) => state === 'loading');
    expect(await client.status(({ state }) => state === 'ready')).toMatchObject({
      model: 'small / best_model',
      device: 'cpu',
    });
  });
});
