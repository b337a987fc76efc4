// Training data made inside VS Code, by command: errors put into solutions, and solutions of a model server on this machine.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { TestChatServer } from '../support/testChatServer.ts';
import { inWorkspace, prm, until } from './editor.ts';

const PROBLEMS = 4;
const KEY = 'sk-of-the-suite';

describe('Generate Training Data', () => {
  const chat = new TestChatServer();

  before(async () => {
    await chat.start();
    const rows = Array.from({ length: PROBLEMS }, (_, index) => {
      const [had, bought] = [index + 3, index + 20];
      return {
        question: `Ann has ${had} pens and buys ${bought}. How many has she?`,
        answer: `Ann has ${had} + ${bought} = ${had + bought} pens.\n#### ${had + bought}`,
      };
    });
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    await vscode.workspace.fs.writeFile(inWorkspace('problems.jsonl'), Buffer.from(text));
  });
  after(async () => {
    await chat.close();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('puts errors into solutions, and opens what it made as a dataset', async () => {
    const made = await prm('prm.generateData', { method: 'corrupt', dataset: 'problems.jsonl', count: 1 });
    assert.equal(made.file, inWorkspace('.prm/data/problems-corrupted-1/corrupted.jsonl').fsPath);
    assert.equal(made.rows, 2 * PROBLEMS, 'each solution, and one with an error');
    await until(activeDataset, (file) => file === made.file);
  });

  it('asks a model server for solutions, with its key, and takes them from the cache the second time', async () => {
    chat.key = KEY;
    const given = {
      method: 'sample',
      dataset: 'problems.jsonl',
      server: chat.address,
      model: 'tiny',
      count: 2,
      outputDir: 'samples-made',
    } as const;
    await assert.rejects(
      prm('prm.generateData', given),
      (error: Error) => error.message.includes('refuses the key') && !error.message.includes('PRM_API_KEY'),
    );
    const made = await prm('prm.generateData', { ...given, key: KEY });
    assert.equal(made.rows, 2 * PROBLEMS);
    assert.equal(made.requests, 2 * PROBLEMS);
    await until(activeDataset, (file) => file === made.file);
    const again = await prm('prm.generateData', { ...given, key: KEY, overwrite: true });
    assert.equal(again.requests, 0);
    assert.equal(again.cached, 2 * PROBLEMS);
  });
});

/** The file that the active dataset editor shows. */
function activeDataset(): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.viewType.startsWith('prm.dataset')
    ? input.uri.fsPath
    : undefined;
}
