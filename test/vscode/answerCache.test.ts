// The answer cache inside VS Code, by commands: the view opens, and what is kept is listed, verified and cleared.
import assert from 'node:assert/strict';
import { fillCache } from '../support/answerCache.ts';
import { prm } from './editor.ts';

const LARGE = 'qwen2.5-math-7b';
const SMALL = 'smollm2';

describe('the answer cache', () => {
  const folder = process.env.PRM_CACHE ?? '';

  before(async () => {
    // Nobody's own answers: scripts/lib/vscodeSuite.ts names a folder of this run.
    assert.notEqual(folder, '');
    await fillCache(folder, { [LARGE]: 4, [SMALL]: 3 });
  });

  it('lists entries and size by model, beside its folder', async () => {
    const contents = await prm('prm.refreshCache', {});
    assert.equal(contents.folder, folder);
    assert.deepEqual(
      contents.models.map(({ model, entries }) => [model, entries]),
      [
        [LARGE, 4],
        [SMALL, 3],
      ],
    );
    assert.ok(contents.models.every(({ bytes }) => bytes > 0));
  });

  it('opens its view', async () => {
    assert.equal(await prm('prm.showCache', {}), undefined);
  });

  it('finds all answers whole', async () => {
    const { entries, removed } = await prm('prm.verifyCache', {});
    assert.deepEqual({ entries, removed }, { entries: 7, removed: 0 });
  });

  it('clears one model, then all, and asks nothing where it is told what to do', async () => {
    assert.deepEqual(await prm('prm.clearCachedModel', { model: SMALL }), { removed: 3 });
    assert.deepEqual(await prm('prm.clearCache', { model: 'nobody' }), { removed: 0 });
    assert.deepEqual(await prm('prm.clearCache', {}), { removed: 4 });
    assert.deepEqual((await prm('prm.refreshCache', {})).models, []);
  });
});
