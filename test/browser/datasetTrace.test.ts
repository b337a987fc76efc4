// The trace view in a real browser: what it shows of a row, and what a hostile row cannot do to the page.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RowScores, TraceStepView, TraceView } from '../../protocol/src/datasets.ts';
import { ROOT } from '../../scripts/lib/paths.ts';
import type { TraceModel } from '../../webview/src/dataset/trace/model.ts';
import type { ThemeName } from '../support/themes.ts';
import { viewBench, type ViewBench, type ViewPage } from '../support/viewPage.ts';

type StepOf = Partial<TraceStepView> & { text: string };

function view(
  problem: string,
  texts: readonly StepOf[],
  more: Partial<NonNullable<TraceView['trace']>> = {},
): TraceView {
  const steps = texts.map((step, index): TraceStepView => ({
    number: index + 1,
    label: 'correct',
    equations: [],
    ...step,
  }));
  const labels = { correct: 0, incorrect: 0, neutral: 0, unlabelled: 0 };
  for (const { label } of steps) labels[label]++;
  const wrong = steps.find(({ label }) => label === 'incorrect');
  return {
    position: 4,
    number: 5,
    trace: {
      problem,
      index: 0,
      count: 1,
      totalSteps: steps.length,
      firstStep: 0,
      steps,
      firstError: wrong?.number ?? null,
      labels,
      ...more,
    },
    json: JSON.stringify({ problem, steps: texts.map(({ text }) => text) }, null, 2),
  };
}

function model(shown: TraceView, more: Partial<TraceModel> = {}): TraceModel {
  return {
    view: shown,
    scores: undefined,
    scoring: 'no',
    showJson: false,
    hasPrevious: true,
    hasNext: true,
    ...more,
  };
}

const EVERY_LABEL = view(
  'She pays $5 and $6. How much?',
  [
    { text: 'She pays 5+6=11.', equations: [{ start: 9, end: 15, verdict: 'holds', explanation: '' }] },
    {
      text: 'Half of it is 11/2=6.',
      label: 'incorrect',
      soft: 0.25,
      equations: [{ start: 14, end: 20, verdict: 'fails', explanation: '11 / 2 is 5.5, not 6' }],
    },
    {
      text: 'Let me see, $1/3=0.33$.',
      label: 'neutral',
      equations: [{ start: 13, end: 21, verdict: 'unsure', explanation: 'rounded' }],
    },
    { text: '', label: 'unlabelled' },
    { text: '#### 11', label: 'incorrect' },
  ],
  { answer: '11', wrapper: 'Phi-3', index: 1, count: 5, alternativeAt: 3 },
);

const SCORES: RowScores = {
  scores: [0.31, 0.12, 0.9, null, 0.5],
  threshold: 0.5,
  model: 'best_model',
  device: 'cpu',
  milliseconds: 230.4,
};

let bench: ViewBench;
let open: ViewPage | undefined;

beforeAll(async () => {
  bench = await viewBench();
});
afterAll(() => bench.close());
afterEach(async () => {
  const complaints = open?.complaints;
  await open?.page.close();
  open = undefined;
  expect(complaints ?? []).toEqual([]);
});

async function show(shown: TraceModel, theme: ThemeName = 'dark', width = 1000): Promise<ViewPage> {
  open = await bench.open(theme, { width });
  await open.showTrace(shown);
  return open;
}

describe('a row as a trace', () => {
  it('names every label in words, and marks the first wrong step', async () => {
    const { page } = await show(model(EVERY_LABEL));
    const steps = page.getByRole('list', { name: 'Steps', exact: true }).getByRole('listitem');
    const named = await steps.evaluateAll((items) =>
      items.flatMap((item) => (item.classList.contains('step') ? [item.getAttribute('aria-label')] : [])),
    );
    expect(named).toEqual([
      'Step 1, correct',
      'Step 2, incorrect',
      'Step 3, neutral',
      'Step 4, unlabelled',
      'Step 5, incorrect',
    ]);
    expect(await page.locator('.label').allInnerTexts()).toEqual([
      '✓ correct',
      '✗ incorrect',
      '○ neutral',
      '– unlabelled',
      '✗ incorrect',
    ]);
    expect(await page.getByRole('heading', { name: 'First wrong step' }).count()).toBe(1);
    await page.locator('#trace-step-2').getByRole('heading', { name: 'First wrong step' }).waitFor();
    await page.locator('#trace-step-4').getByText('(empty step)').waitFor();
  });

  it('says what was changed in a corrupted solution, before and after, and goes there', async () => {
    const trace = EVERY_LABEL.trace;
    if (trace === undefined) throw new Error('The sample has no trace.');
    const change = { strategy: 'flip-number', step: 2, consistent: true };
    const texts = { before: 'Half of it is 11/2=5.5.', after: 'Half of <b>it</b> is 11/2=6.' };
    const { page } = await show(
      model({ ...EVERY_LABEL, trace: { ...trace, change: { ...change, ...texts } } }),
    );
    const group = page.getByRole('group', { name: 'What was changed' });
    expect(await group.innerText()).toContain('flip-number');
    expect(await group.innerText()).toContain('carried through the later steps');
    expect(await group.locator('dd').allInnerTexts()).toEqual([texts.before, texts.after]);
    await group.getByRole('button', { name: 'step 2' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('trace-step-2');
  });

  it('shows a soft label as a bar with its number', async () => {
    const { page } = await show(model(EVERY_LABEL));
    const meter = page.getByRole('meter', { name: 'Soft label of step 2' });
    expect(await meter.getAttribute('aria-valuenow')).toBe('0.25');
    expect(await meter.getAttribute('aria-valuetext')).toBe('0.25');
    const filled = await meter.locator('.filled').evaluate((bar) => bar.getBoundingClientRect().width);
    const whole = await meter.evaluate((bar) => bar.clientWidth);
    expect(filled / whole).toBeCloseTo(0.25, 1);
  });

  it('says which path this is, and goes to others', async () => {
    const { page, wishes } = await show(model(EVERY_LABEL));
    await page.getByText('Path 2 of 5, leaves an earlier path at step 3').waitFor();
    await page.getByRole('button', { name: 'Previous path' }).click();
    await page.getByRole('button', { name: 'Next path' }).click();
    const number = page.getByRole('spinbutton', { name: 'Path' });
    await number.fill('5');
    await number.press('Enter');
    await number.fill('6');
    await number.press('Enter');
    expect(await wishes()).toEqual([
      { type: 'path', index: 0 },
      { type: 'path', index: 2 },
      { type: 'path', index: 4 },
    ]);
  });

  it('says what the equations say, where they stand and below', async () => {
    const { page } = await show(model(EVERY_LABEL));
    await page.locator('prm-formula.drawn').waitFor();
    const marked = page.locator('.step-text .mark');
    expect(await marked.evaluateAll((spans) => spans.map((span) => span.getAttribute('class')))).toEqual([
      'mark holds',
      'mark fails',
      'mark unsure',
      'mark answer',
    ]);
    expect(await marked.nth(1).innerText()).toMatch(/^11\/2=6\s*✗/);
    expect(await page.locator('#trace-step-2 .step-text').innerText()).toContain(
      '(equation fails: 11 / 2 is 5.5, not 6)',
    );
    expect(await page.locator('.equations').allInnerTexts()).toEqual([
      '11/2=6 equation fails: 11 / 2 is 5.5, not 6',
      '1/3=0.33 equation not decided: rounded',
    ]);
    expect(await marked.nth(3).innerText()).toMatch(/^11\s+\(final answer\)$/);
  });

  it('sets scores beside the labels, and marks where they disagree', async () => {
    const { page } = await show(model(EVERY_LABEL, { scores: SCORES }));
    await page
      .getByRole('status')
      .getByText('Scored by best_model on cpu in 230 ms, threshold 0.50. Agrees with 1 of 3 labelled steps.')
      .waitFor();
    const disagreeing = page.locator('.step', { hasText: 'disagrees with the label' });
    expect(await disagreeing.evaluateAll((steps) => steps.map(({ id }) => id))).toEqual([
      'trace-step-1',
      'trace-step-5',
    ]);
    await page.locator('#trace-step-1').getByText('model: incorrect').waitFor();
    await page.locator('#trace-step-3').getByText('model: correct').waitFor();
    await page.locator('#trace-step-4').getByText('not scored: the step is empty').waitFor();
    expect(await page.getByRole('meter', { name: 'Score of step 2' }).getAttribute('aria-valuenow')).toBe(
      '0.12',
    );
    await page.getByRole('button', { name: 'step 5' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('trace-step-5');
  });

  it('says that it scores, and why it could not', async () => {
    const shown = await show(model(EVERY_LABEL, { scoring: 'running' }));
    await shown.page.getByRole('status').getByText('Scoring…').waitFor();
    await shown.showTrace(model(EVERY_LABEL, { scoring: { failed: 'No model is selected.' } }));
    await shown.page.getByRole('status').getByText('Not scored: No model is selected.').waitFor();
  });

  it('wishes what its buttons say', async () => {
    const { page, wishes } = await show(model(EVERY_LABEL));
    const names = ['Raw JSON', 'Copy as JSON', 'Copy as text', 'Open as .steps', 'Score', 'Format dataset…'];
    for (const name of [...names, 'Previous row', 'Next row', 'Close']) {
      await page.getByRole('button', { name }).click();
    }
    expect((await wishes()).map(({ type }) => type)).toEqual([
      'json',
      'copy-json',
      'copy-text',
      'open-steps',
      'score',
      'format',
      'previous',
      'next',
      'close',
    ]);
  });

  it('is worked by keys, which do nothing where nothing is to be done', async () => {
    const shown = await show(model(EVERY_LABEL, { hasNext: false }));
    const { page, wishes } = shown;
    await page.locator('.trace').focus();
    for (const key of ['n', 'p', 'j', 'Control+p', 'Escape']) await page.keyboard.press(key);
    await page.getByRole('spinbutton', { name: 'Path' }).focus();
    await page.keyboard.press('p');
    expect((await wishes()).map(({ type }) => type)).toEqual(['previous', 'json', 'close']);
    const next = page.getByRole('button', { name: 'Next row' });
    expect(await next.getAttribute('aria-disabled')).toBe('true');
    await next.focus();
    await page.keyboard.press('Enter');
    expect(await wishes()).toHaveLength(3);
  });

  it('is walked through by Tab in the order on screen', async () => {
    const { page } = await show(model(EVERY_LABEL, { scores: SCORES, showJson: true }));
    await page.locator('.trace').focus();
    const walked: (string | undefined)[] = [];
    for (let stop = 0; stop < 16; stop++) {
      await page.keyboard.press('Tab');
      walked.push(
        await page.evaluate(() => {
          const at = document.activeElement;
          const names = [at?.id, at?.textContent.replace(/\s+/g, ' ').trim(), at?.tagName];
          return names.find((name) => name !== undefined && name !== '');
        }),
      );
    }
    expect(walked).toEqual([
      ...['Previous rowP', 'Next rowN', 'CloseEsc', 'Previous path', 'Next path', 'INPUT', 'Raw JSONJ'],
      ...['Copy as JSON', 'Copy as text', 'Open as .steps', 'Score', 'Format dataset…'],
      ...['First wrong step: 2', 'step 1', 'step 5', 'trace-json'],
    ]);
  });

  it('has the row as JSON, which can be selected', async () => {
    const { page } = await show(model(EVERY_LABEL, { showJson: true }));
    const json = page.getByRole('region', { name: 'Row as JSON' });
    expect(await json.innerText()).toBe(EVERY_LABEL.json);
    expect(await json.evaluate((element) => getComputedStyle(element).userSelect)).toBe('text');
  });

  it('says why a row is no trace, and shows what is there', async () => {
    const fault = { reason: 'lists of different length', detail: '3 completions, 4 labels' };
    const { page } = await show(model({ position: 4, number: 5, fault, json: '{"a": 1}' }));
    await page.getByText('lists of different length: 3 completions, 4 labels').waitFor();
    await page.getByRole('region', { name: 'Row as JSON' }).getByText('{"a": 1}').waitFor();
    expect(await page.getByRole('button', { name: 'Score' }).count()).toBe(0);
  });

  it('begins at the start of another row, and stays where it is with more of the same', async () => {
    const shown = await show(model(EVERY_LABEL));
    const pane = shown.page.locator('main > div');
    await pane.evaluate((element) => {
      element.setAttribute('style', 'height: 200px; overflow: auto');
      element.scrollTop = 150;
    });
    await shown.showTrace(model(EVERY_LABEL, { scores: SCORES }));
    expect(await pane.evaluate((element) => element.scrollTop)).toBe(150);
    await shown.showTrace(model({ ...EVERY_LABEL, position: 5, number: 6 }));
    expect(await pane.evaluate((element) => element.scrollTop)).toBe(0);
  });

  it('shows long rows a slice at a time', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      text: `line ${index + 201}`,
      number: index + 201,
    }));
    const shown = view('p', many, { firstStep: 200, totalSteps: 100_000, firstError: 5000 });
    const { page, wishes } = await show(model(shown));
    await page.getByRole('button', { name: 'Show steps 1 to 200' }).click();
    await page.getByRole('button', { name: 'Show steps 401 to 600' }).click();
    await page.getByRole('button', { name: 'First wrong step: 5,000' }).click();
    expect(await wishes()).toEqual([
      { type: 'more-steps', firstStep: 0 },
      { type: 'more-steps', firstStep: 400 },
      { type: 'more-steps', firstStep: 4800, show: 5000 },
    ]);
  });
});

interface Recorded {
  origin: string;
  problem: string;
  answer: string | null;
  steps: StepOf[];
}

const REAL = JSON.parse(
  readFileSync(path.join(ROOT, 'test/fixtures/latex/traces.json'), 'utf8'),
) as Recorded[];

describe('LaTeX', () => {
  it('is drawn in real rows, in a font of the page, without one refusal', async () => {
    for (const { problem, steps, answer } of REAL) {
      const { page } = await show(model(view(problem, steps, answer === null ? {} : { answer })));
      const count = await drawAll(page);
      expect(count.drawn, problem).toBeGreaterThan(0);
      expect(count.refused, problem).toEqual([]);
      expect(await page.locator('.katex-error').count()).toBe(0);
      expect(await page.evaluate(() => document.fonts.check('16px KaTeX_Math'))).toBe(true);
      expect(open?.complaints).toEqual([]);
      await page.close();
    }
  });

  it('is read by a screen reader as mathematics', async () => {
    const { page } = await show(model(view('p', [{ text: 'so $x^2=4$' }])));
    await drawAll(page);
    expect(await page.locator('math annotation').textContent()).toBe('x^2=4');
  });

  it('stays text where it is money, or not closed', async () => {
    const texts = ['It costs $5 and $6.', 'pay $20-$5', 'a \\(b', 'open $x'].map((text) => ({ text }));
    const { page } = await show(model(view('p', texts)));
    expect(await page.locator('prm-formula').count()).toBe(0);
    expect(await page.locator('.step-text').allInnerTexts()).toEqual(texts.map(({ text }) => text));
  });

  it('stays as written where KaTeX refuses it, and says why', async () => {
    const { page } = await show(model(view('p', [{ text: 'a $\\frac{1}$ b $x$' }])));
    await drawAll(page);
    const refused = page.locator('prm-formula.refused');
    expect(await refused.innerText()).toBe('$\\frac{1}$');
    expect(await refused.getAttribute('title')).toMatch(/^Shown as written: /);
  });

  it('keeps what LaTeX takes for a comment', async () => {
    const { page } = await show(model(view('p', [{ text: '$50% of x$' }])));
    await drawAll(page);
    expect(await page.locator('.katex-html').innerText()).toContain('%');
  });

  it('is drawn when it comes into view, without holding the page up', async () => {
    const text = `${'$\\frac{x^2}{\\sqrt{y}}$ '.repeat(40)}.`;
    const { page } = await show(
      model(
        view(
          'p',
          Array.from({ length: 200 }, () => ({ text })),
        ),
      ),
    );
    const drawn = await page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const drawnIn = (id: string) => document.querySelectorAll(`#${id} .drawn`).length;
      while (drawnIn('trace-step-1') < 40) await frame();
      const before = drawnIn('trace-step-150');
      // Whatever still waits near the top, what is looked at now comes first.
      document.getElementById('trace-step-150')?.scrollIntoView();
      while (drawnIn('trace-step-150') < 40) await frame();
      return { before, between: drawnIn('trace-step-75') };
    });
    expect(drawn).toEqual({ before: 0, between: 0 });
  });
});

/** Brings every formula into view. */
function drawAll(page: ViewPage['page']): Promise<{ drawn: number; refused: string[] }> {
  return page.evaluate(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (const formula of document.querySelectorAll('prm-formula')) {
      formula.scrollIntoView({ block: 'nearest' });
      while (!formula.matches('.drawn, .refused')) await frame();
    }
    return {
      drawn: document.querySelectorAll('prm-formula.drawn').length,
      refused: [...document.querySelectorAll('prm-formula.refused')].map(({ textContent }) => textContent),
    };
  });
}

const HTML =
  '<img src="http://evil.invalid/x.png" onerror="window.hit=1"><script>window.hit=1</script><style>*{display:none}</style>';
const MARKDOWN =
  '[a](http://evil.invalid) ![b](http://evil.invalid/b.png) <http://evil.invalid> https://evil.invalid **b** `c`';
const LATEX = [
  '\\href{javascript:window.hit=1}{x}',
  '\\href{http://evil.invalid}{x}',
  '\\url{http://evil.invalid}',
  '\\includegraphics[width=9em]{http://evil.invalid/x.png}',
  '\\htmlClass{trace}{x}',
  '\\htmlId{trace-title}{x}',
  '\\htmlStyle{position:fixed;inset:0}{x}',
  '\\htmlData{a=b}{x}',
  '\\style{position:fixed}{x}',
  '\\color{red;position:fixed}x',
  '\\color{url(http://evil.invalid)}x',
  '\\def\\a{xxxxxxxxxxxxxxxxxxxxxxxxx}\\a\\a\\a',
  '\\newcommand{\\a}{x}\\a',
  '\\gdef\\a{\\a\\a}\\a',
  '\\let\\a=\\frac',
  `${'{'.repeat(500)}x${'}'.repeat(500)}`,
];
const PULLING = [
  '\\kern-1000em x',
  '\\hspace{-1000em}x',
  '\\rule{1000em}{1000em}',
  '\\rule[-1000em]{10em}{10em}',
  '\\rule[1000em]{10em}{10em}',
  '\\raisebox{-1000em}{x}',
  '\\raisebox{1000em}{x}',
  '\\mathrlap{\\rule{15em}{1em}\\rule{15em}{1em}\\rule{15em}{1em}\\rule{15em}{1em}\\rule{15em}{1em}\\rule{15em}{1em}}',
  '\\\\[1000em] x',
  '\\begin{array}{c}1\\\\[500em]2\\end{array}',
  `\\Huge ${'\\sqrt{'.repeat(20)}x${'}'.repeat(20)}`,
];

describe('a hostile row', () => {
  it('stays text, wherever it stands: no element, no link, no request', async () => {
    const text = `${HTML} ${MARKDOWN}`;
    const shown = view(
      text,
      [
        { text, equations: [{ start: 0, end: 10, verdict: 'fails', explanation: text }], cut: true },
        ...LATEX.map((tex) => ({ text: `a \\(${tex}\\) b` })),
      ],
      { answer: text, wrapper: text, count: 2 },
    );
    const scores = { ...SCORES, scores: [0.1], model: text, device: text };
    const { page, showTrace } = await show(
      model({ ...shown, fault: { reason: text, detail: text } }, { scores, showJson: true }),
    );
    await drawAll(page);
    expect(
      await page.locator('main :is(img, script, style, a, iframe, object, embed, link, form, base)').count(),
    ).toBe(0);
    expect(await page.locator('main [href], main [src], main [onerror], main [data-a]').count()).toBe(0);
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
    expect(await page.locator('prm-formula.refused').allInnerTexts()).toEqual(
      LATEX.map((tex) => `\\(${tex}\\)`),
    );
    expect(await page.locator('.problem-text').innerText()).toBe(text);
    expect(await page.locator('#trace-title').count()).toBe(1);
    await showTrace(model(shown, { scoring: { failed: text } }));
    expect(await page.locator('main :is(img, script, style, a)').count()).toBe(0);
  });

  it('paints nothing outside of its step', async () => {
    const steps = PULLING.flatMap((tex) => [{ text: `\\(${tex}\\)` }, { text: `\\[${tex}\\]` }]);
    const shown = await show(model(view('Problem', steps)), 'light', 800);
    const { page } = shown;
    await drawAll(page);
    const boxes = await page.locator('.step').evaluateAll((elements) =>
      elements.map((element) => {
        const { left, right, height } = element.getBoundingClientRect();
        return { left, right, height };
      }),
    );
    expect(boxes).toHaveLength(steps.length);
    for (const { left, right, height } of boxes) {
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(800);
      expect(height).toBeLessThan(900);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(800);
    // What lies on top beside and above the formulas is the page, not a formula.
    const strange = await page.evaluate(() => {
      const found: string[] = [];
      for (const step of document.querySelectorAll('.step')) {
        step.scrollIntoView({ block: 'center' });
        const head = step.querySelector('.step-number')?.getBoundingClientRect();
        const box = step.getBoundingClientRect();
        const points = [
          [2, box.top + box.height / 2],
          [box.right + 10, box.top + box.height / 2],
          [(head?.left ?? 0) + 3, (head?.top ?? 0) + 3],
        ];
        for (const [x, y] of points) {
          if (document.elementFromPoint(x ?? 0, y ?? 0)?.closest('prm-formula') != null) found.push(step.id);
        }
      }
      return found;
    });
    expect(strange).toEqual([]);
  });

  it('cannot make its text unreadable by colours', async () => {
    const { page } = await show(
      model(view('p', [{ text: '$\\color{#1f1f1f}a \\colorbox{white}{b} \\textcolor{black}{c}$' }])),
    );
    await drawAll(page);
    const colours = await page
      .locator('.katex-html span')
      .evaluateAll((spans) => [...new Set(spans.map((span) => getComputedStyle(span).color))]);
    expect(colours).toEqual(['rgb(204, 204, 204)']);
  });

  it('takes no time: a definition that multiplies, groups without end, a long one', async () => {
    const bomb = `\\(\\def\\a{${'x'.repeat(1000)}}${'\\a'.repeat(290)}\\)`;
    const deep = `\\(${'\\sqrt{'.repeat(280)}x${'}'.repeat(280)}\\)`;
    const long = `\\(${'\\frac{1}{2}+'.repeat(160)}x\\)`;
    const { page } = await show(model(view('p', [{ text: bomb }, { text: deep }, { text: long }])));
    const { drawn } = await drawAll(page);
    expect(drawn).toBe(1);
    // Unbounded, the first alone takes a minute of one core.
    expect(await page.evaluate(() => performance.now())).toBeLessThan(20_000);
    expect(await page.locator('prm-formula.refused').count()).toBe(2);
  });
});

describe('for everyone', () => {
  const full = model(EVERY_LABEL, { scores: SCORES, showJson: true });

  it.each<ThemeName>(['dark', 'light', 'high contrast', 'high contrast light'])(
    'axe finds nothing in the %s theme',
    async (theme) => {
      const { page, violations } = await show(full, theme);
      await drawAll(page);
      expect(await violations()).toEqual([]);
    },
  );

  it('fits 300 pixels, and 200 % zoom', async () => {
    for (const width of [300, 500]) {
      const { page, violations } = await show(full, 'dark', width);
      await drawAll(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(await violations()).toEqual([]);
      await page.close();
    }
  });

  it('keeps labels, bars and verdicts apart without colours', async () => {
    open = await bench.open('dark', { forcedColours: true });
    await open.showTrace(full);
    const { page } = open;
    await drawAll(page);
    const looks = await page
      .locator('.mark.holds, .mark.fails, .mark.unsure')
      .evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark).textDecorationStyle));
    expect(new Set(looks).size).toBe(3);
    const bar = await page
      .locator('.filled')
      .first()
      .evaluate((filled) => getComputedStyle(filled).backgroundColor);
    expect(bar).not.toBe(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  });
});
