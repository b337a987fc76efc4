// The whole job inside VS Code, by commands: format, train, select, score, look, edit, recover. The tests build
// on each other, in order, as a person's session does.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { TrainModelResult } from '../../protocol/src/commands.ts';
import { COMMANDS } from '../../protocol/src/commands.ts';
import type { ScoreReport } from '../../protocol/src/requests.ts';
import {
  hintsOf,
  hoverOver,
  inWorkspace,
  killEngines,
  openEditor,
  prm,
  readWorkspaceFile,
  replace,
  until,
} from './editor.ts';

const EXTENSION = 'prm-workbench.prm-workbench';
const TEXT = 'samples/reasoning.txt';
const WRONG = '96 + 90 = $176';
const DATA = 'data/formatted';
const ROWS = 200;
/** Reasoning paths to train on. A run of seconds: the suite asks whether all works together, not how well. */
const PATHS = 48;

describe('PRM Workbench', () => {
  let run: TrainModelResult;
  let editor: vscode.TextEditor;
  let report: ScoreReport;

  before(async () => {
    const extension = vscode.extensions.getExtension(EXTENSION);
    assert.ok(extension, `${EXTENSION} is installed`);
    await extension.activate();
  });

  it('runs from where this suite was told to take it', () => {
    const { extensionPath } = vscode.extensions.getExtension(EXTENSION) ?? assert.fail();
    const packaged = (process.env.PRM_TEST_VSIX ?? '') !== '';
    const sources = existsSync(vscode.Uri.joinPath(vscode.Uri.file(extensionPath), 'client/src').fsPath);
    assert.equal(sources, !packaged, extensionPath);
  });

  it('offers its commands', async () => {
    const offered = await vscode.commands.getCommands(true);
    assert.deepEqual(
      Object.keys(COMMANDS).filter((id) => !offered.includes(id)),
      [],
    );
  });

  it('says what is wrong with a dataset that is not there', async () => {
    await assert.rejects(
      prm('prm.formatDataset', { dataset: 'samples/nothing.parquet', outputDir: DATA }),
      (error: Error) => error.message.includes('nothing.parquet') && !error.message.includes('    at '),
    );
  });

  it('formats a Parquet dataset', async () => {
    const result = await prm('prm.formatDataset', {
      dataset: 'samples/gsm8k-stepwise-sample.parquet',
      outputDir: DATA,
      maxExamples: ROWS,
      seed: 7,
    });
    assert.equal(result.rows, ROWS);
    assert.equal(result.correct, result.incorrect, 'balanced');
    assert.equal(result.examples, result.train + result.validation);
    const lines = (await readWorkspaceFile(`${DATA}/prm_train.jsonl`)).trimEnd().split('\n');
    assert.equal(lines.length, result.train);
    const example = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.deepEqual(Object.keys(example), [
      'problem',
      'step',
      'previous_steps',
      'reasoning_path',
      'label',
      'step_index',
      'total_steps',
    ]);
  });

  it('leaves a folder alone that it did not make', async () => {
    const dataset = 'samples/gsm8k-stepwise-sample.parquet';
    await assert.rejects(
      prm('prm.formatDataset', { dataset, outputDir: 'samples', maxExamples: ROWS }),
      /samples/,
    );
    const names = (await vscode.workspace.fs.readDirectory(inWorkspace('samples'))).map(([name]) => name);
    assert.ok(names.includes('reasoning.txt') && !names.includes('prm_train.jsonl'), names.join(', '));
  });

  it('says that no model is selected', async () => {
    editor = await openEditor(TEXT);
    await assert.rejects(prm('prm.scoreDocument', {}), /[Nn]o model/);
    assert.deepEqual(await hintsOf(editor.document), []);
  });

  it('trains a model', async function () {
    this.timeout(240_000);
    run = await prm('prm.trainModel', {
      data: DATA,
      outputDir: '.prm/runs/tiny',
      maxExamples: PATHS,
      epochs: 1,
      batchSize: 8,
    });
    assert.equal(run.state, 'done', run.message ?? '');
    assert.ok(run.totalSteps > 0);
    assert.equal(run.step, run.totalSteps);
    assert.ok(run.best !== null && run.best.steps > 0, 'it was evaluated on validation problems');
    assert.ok(run.modelFolder !== null && existsSync(run.modelFolder));
  });

  it('has opened the training dashboard for it, and opens no second one', async () => {
    const dashboards = (): vscode.Tab[] =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputWebview);
    const [tab] = await until(dashboards, ({ length }) => length > 0);
    assert.equal(tab?.label, 'PRM Training');
    await prm('prm.openDashboard', {});
    assert.equal(dashboards().length, 1);
    assert.equal(dashboards()[0]?.isActive, true);
  });

  it('says why a run cannot go on', async () => {
    await assert.rejects(
      prm('prm.trainModel', { outputDir: run.folder, resume: true }),
      (error: Error) => error.message.includes('finished') && !error.message.includes('    at '),
    );
  });

  it('evaluates the model on the validation data of its run', async function () {
    this.timeout(120_000);
    const evaluated = await prm('prm.evaluateModel', { model: run.folder });
    assert.equal(evaluated.modelFolder, run.modelFolder);
    assert.equal(evaluated.metrics.steps, run.best?.steps);
    assertNear(evaluated.metrics.accuracy.toFixed(2), run.best?.accuracy ?? NaN, 0.03);
  });

  it('shows what this machine computes on', async () => {
    const { devices, auto } = await prm('prm.showDevices', {});
    assert.equal(devices.find(({ device }) => device === 'cpu')?.works, true);
    assert.equal(devices.find(({ device }) => device === auto.device)?.works, true);
  });

  it('selects the model', async () => {
    const { setting } = await prm('prm.selectModel', { model: run.modelFolder ?? '' });
    assert.equal(setting, '.prm/runs/tiny/best_model');
    assert.equal(vscode.workspace.getConfiguration('prm').get('model.path'), setting);
  });

  it('scores a selection', async () => {
    editor = await openEditor(TEXT);
    // Up to the end of step 4: the last step is left out.
    const end = editor.document.lineAt(lineOf(editor.document, 'Step 4')).range.end;
    editor.selection = new vscode.Selection(new vscode.Position(0, 0), end);
    report = await prm('prm.scoreSelection', {});
    assert.deepEqual(
      report.steps.map(({ number }) => number),
      [1, 2, 3, 4],
    );
    assert.match(report.problem, /^A bakery sells/);
    for (const { score } of report.steps) assert.ok(score >= 0 && score <= 1, `${score} is a probability`);
    assert.equal(report.aggregate, 'min');
    assert.equal(report.aggregateScore, Math.min(...report.steps.map(({ score }) => score)));
  });

  it('shows mark and score behind each step', async () => {
    const hints = await hintsOf(editor.document);
    assert.equal(hints.length, 4);
    report.steps.forEach(({ number, score, label, range }, index) => {
      const hint = hints[index] ?? assert.fail();
      assert.deepEqual([hint.line, hint.character], [range.end.line, range.end.character]);
      const [, mark, shown, arrow] = /^\s*([✓✗]) (\d\.\d\d)( ◀)?$/.exec(hint.text) ?? assert.fail(hint.text);
      assert.equal(mark, label === 'correct' ? '✓' : '✗');
      assertNear(shown, score, 0.01);
      assert.equal(
        arrow !== undefined,
        number === report.firstDoubtful,
        'the arrow is at the first doubtful step',
      );
    });
  });

  it('explains a step in a hover', async () => {
    const hover = await hoverOver(editor.document, WRONG);
    const scores = report.steps.slice(0, 3).map(({ score }) => score);
    assertNear(/Step 3 of 4: [✓✗] (\S+),/.exec(hover)?.[1], scores[2] ?? NaN, 0.001);
    assertNear(/[Rr]unning minimum (\d\.\d+)/.exec(hover)?.[1], Math.min(...scores), 0.001);
    assertNear(
      /running product (\d\.\d+)/.exec(hover)?.[1],
      scores.reduce((product, score) => product * score),
      0.001,
    );
    assert.match(hover, /186/, 'what the left side really is');
    assert.ok(hover.includes(`on ${report.device}, ${report.milliseconds.toFixed(0)} ms`), hover);
  });

  it('tells a holding equation from a failing one', async () => {
    assert.match(await hoverOver(editor.document, '24 * 4 = $96'), /holds/);
    assert.match(await hoverOver(editor.document, WRONG), /fails/);
  });

  it('shows nothing outside the scored text', async () => {
    assert.equal(await hoverOver(editor.document, 'The answer is 118'), '');
  });

  it('moves scores with an edit above them', async () => {
    const before = await hintsOf(editor.document);
    assert.ok(
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'A note.\nOf two lines.\n')),
    );
    const after = await until(
      () => hintsOf(editor.document),
      (hints) => hints[0]?.line === (before[0]?.line ?? 0) + 2,
    );
    assert.deepEqual(
      after.map(({ text, character }) => [text, character]),
      before.map(({ text, character }) => [text, character]),
    );
    assert.match(await hoverOver(editor.document, WRONG), /Step 3 of 4: [✓✗]/);
  });

  it('marks scores as stale from an edited step on', async () => {
    const before = await hintsOf(editor.document);
    await replace(editor, '6 * 15 = $90', '6 * 15 = $95');
    const after = await until(
      () => hintsOf(editor.document),
      (hints) => hints[1]?.text !== before[1]?.text,
    );
    const isStale = after.map(({ text }) => text.endsWith('(stale)'));
    assert.deepEqual(isStale, [false, true, true, true], 'the step before the edit keeps its score');
    assert.equal(after[0]?.text, before[0]?.text);
    assert.match(await hoverOver(editor.document, WRONG), /Stale:/);
  });

  it('scores the whole document anew', async () => {
    await replace(editor, 'A note.\nOf two lines.\n', '');
    report = await prm('prm.scoreDocument', {});
    assert.equal(report.steps.length, 5);
    const hints = await until(
      () => hintsOf(editor.document),
      (seen) => seen.length === 5,
    );
    assertNear(/\d\.\d\d/.exec(hints[1]?.text ?? '')?.[0], report.steps[1]?.score ?? NaN, 0.01);
    assert.ok(hints.every(({ text }) => !text.includes('stale')));
  });

  it('says that a selection has no steps', async () => {
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await assert.rejects(prm('prm.scoreSelection', {}), /[Nn]othing is selected/);
  });

  it('clears the scores', async () => {
    const { cleared } = await prm('prm.clearScores', { uri: editor.document.uri.toString() });
    assert.ok(cleared > 0);
    assert.deepEqual(await hintsOf(editor.document), []);
    assert.equal(await hoverOver(editor.document, WRONG), '');
  });

  it('scores again after its engine was killed', async () => {
    await prm('prm.scoreDocument', {});
    const killed = killEngines();
    assert.equal(killed.length, 1, 'one engine was running');
    // An engine that dies is noticed at once; a request on its way at that very moment fails with its message.
    await new Promise((resolve) => setTimeout(resolve, 500));
    // A text that was not scored before: nothing that is remembered can answer.
    await replace(editor, 'The answer is 118', 'So the answer is 118');
    const again = await prm('prm.scoreDocument', {});
    assert.deepEqual(
      again.steps.slice(0, 4).map(({ score }) => score),
      report.steps.slice(0, 4).map(({ score }) => score),
      'what comes before the edit is scored as before',
    );
    report = again;
  });

  it('scores again after the server was restarted', async () => {
    await prm('prm.restartServer', {});
    const again = await prm('prm.scoreDocument', {});
    assert.deepEqual(
      again.steps.map(({ score }) => score),
      report.steps.map(({ score }) => score),
    );
    assert.equal((await hintsOf(editor.document)).length, 5);
  });

  it('names a damaged model, and what to do', async () => {
    const broken = inWorkspace('broken_model');
    await vscode.workspace.fs.copy(vscode.Uri.file(run.modelFolder ?? ''), broken);
    const weights = vscode.Uri.joinPath(broken, 'model.safetensors');
    const bytes = await vscode.workspace.fs.readFile(weights);
    await vscode.workspace.fs.writeFile(weights, bytes.subarray(0, bytes.length / 2));
    await prm('prm.selectModel', { model: broken.fsPath });
    await assert.rejects(prm('prm.scoreDocument', {}), /model\.safetensors/);
  });
});

/** Scores are shown rounded. */
function assertNear(shown: string | undefined, score: number, tolerance: number): void {
  assert.ok(Math.abs(Number(shown) - score) <= tolerance, `${shown} stands for ${score}`);
}

function lineOf(document: vscode.TextDocument, needle: string): number {
  return document.positionAt(document.getText().indexOf(needle)).line;
}
