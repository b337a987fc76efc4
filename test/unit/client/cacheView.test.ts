// When the view of the answer cache asks, and what it shows of answers that come late, twice, or not at all.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheView } from '../../../client/src/cacheView.ts';
import type { Server } from '../../../client/src/server.ts';
import type { CacheContents } from '../../../protocol/src/generation.ts';
import type { RequestName } from '../../../protocol/src/requests.ts';
import { Disposable, ran, views } from '../../support/vscodeStub.ts';

vi.mock('vscode', () => import('../../support/vscodeStub.ts'));

const FOLDER = '/srv/answers';
const EMPTY: CacheContents = { folder: FOLDER, models: [] };
const SOME: CacheContents = {
  folder: FOLDER,
  models: [{ model: 'smollm2', entries: 2, bytes: 800, newest: '2026-11-22T06:45:00.000Z' }],
};

/** A question to the server that a test answers. */
interface Question {
  promise: Promise<CacheContents>;
  resolve: (contents: CacheContents) => void;
  reject: (error: Error) => void;
}

class World {
  readonly questions: Question[] = [];
  readonly started: (() => void)[] = [];
  readonly cache: CacheView;

  constructor() {
    const server: Pick<Server, 'request' | 'onStarted'> = {
      request: <Params, Result>(_name: RequestName<Params, Result>) => {
        const question = withResolvers();
        this.questions.push(question);
        // The view makes one kind of request only.
        return question.promise as Promise<unknown> as Promise<Result>;
      },
      onStarted: (listener) => {
        this.started.push(listener);
        return new Disposable(() => undefined);
      },
    };
    // What the view does not use is not there.
    this.cache = new CacheView(server as Server);
  }

  get view() {
    return views.at(-1) ?? expect.fail('no view was made');
  }

  /** What a person sees below the view's title. */
  async rows(): Promise<string[]> {
    const items = await this.view.provider.getChildren();
    return items.map(({ label }) => label);
  }

  async answer(index: number, contents: CacheContents): Promise<void> {
    this.questions[index]?.resolve(contents);
    await settled();
  }
}

function withResolvers(): Question {
  let resolve: Question['resolve'] = () => undefined;
  let reject: Question['reject'] = () => undefined;
  const promise = new Promise<CacheContents>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const isEmpty = (): unknown => ran.findLast(([, key]) => key === 'prm.cache.isEmpty')?.at(2);

let world: World;
beforeEach(() => {
  ran.length = 0;
  world = new World();
});
afterEach(() => {
  world.cache.dispose();
});

describe('the view of the answer cache', () => {
  it('asks nothing before it is seen', async () => {
    world.started.forEach((listener) => listener());
    world.cache.answersChanged();
    await settled();
    expect(world.questions).toHaveLength(0);
  });

  it('asks once when it is first seen, and shows models, total and place', async () => {
    world.view.setVisible(true);
    const rows = world.rows();
    expect(world.questions).toHaveLength(1);
    await world.answer(0, SOME);
    expect(await rows).toEqual(['smollm2']);
    expect(world.view).toMatchObject({
      message: `2 entries, 800 bytes, kept in ${FOLDER}`,
      drawn: 1,
    });
    expect(isEmpty()).toBe(false);
    // Drawn anew, it asks nobody.
    expect(await world.rows()).toEqual(['smollm2']);
    expect(world.questions).toHaveLength(1);
  });

  it('leaves an empty view to the welcome', async () => {
    world.view.setVisible(true);
    await world.answer(0, EMPTY);
    expect(world.view).toMatchObject({ message: '' });
    expect(isEmpty()).toBe(true);
  });

  it('says what went wrong, and waits no longer', async () => {
    world.view.setVisible(true);
    const rows = world.rows();
    world.questions[0]?.reject(new Error('/srv/answers: the cache cannot be used.'));
    expect(await rows).toEqual([]);
    expect(world.view.message).toBe('/srv/answers: the cache cannot be used.');
    expect(isEmpty()).toBe(false);
    // Until somebody asks again.
    expect(await world.rows()).toEqual([]);
    expect(world.questions).toHaveLength(1);
    const again = world.cache.refresh();
    await world.answer(1, SOME);
    expect(await again).toEqual(SOME);
    expect(await world.rows()).toEqual(['smollm2']);
  });

  it('tells a caller what went wrong', async () => {
    const asked = world.cache.refresh();
    world.questions[0]?.reject(new Error('no cache'));
    await expect(asked).rejects.toThrow('no cache');
  });

  it('looks again when it comes back into sight', async () => {
    world.view.setVisible(true);
    await world.answer(0, SOME);
    world.view.setVisible(false);
    world.cache.answersChanged();
    expect(world.questions).toHaveLength(1);
    world.view.setVisible(true);
    await world.answer(1, EMPTY);
    expect(await world.rows()).toEqual([]);
  });

  it('shows the newest answer, whichever comes last', async () => {
    world.view.setVisible(true);
    world.cache.answersChanged();
    expect(world.questions).toHaveLength(2);
    await world.answer(1, EMPTY);
    await world.answer(0, SOME);
    expect(await world.rows()).toEqual([]);
  });

  it('waits for the first answer that counts, and puts the keyboard there', async () => {
    const shown = world.cache.focus();
    await settled();
    world.cache.answersChanged();
    await world.answer(0, SOME);
    await world.answer(1, SOME);
    await shown;
    expect(ran).toContainEqual(['prm.cache.focus']);
    expect(world.view.revealed.map(({ label }) => label)).toEqual(['smollm2']);
  });

  it('asks the new server what the old one left unanswered', async () => {
    world.view.setVisible(true);
    await world.answer(0, SOME);
    world.cache.answersChanged();
    world.questions[1]?.reject(new Error('The connection was closed.'));
    await settled();
    expect(world.view.message).toBe('The connection was closed.');
    world.started.forEach((listener) => listener());
    await world.answer(2, SOME);
    expect(await world.rows()).toEqual(['smollm2']);
  });

  it('asks once of a server that starts while the view waits for it', async () => {
    world.view.setVisible(true);
    world.started.forEach((listener) => listener());
    await world.answer(0, SOME);
    expect(world.questions).toHaveLength(1);
    expect(await world.rows()).toEqual(['smollm2']);
  });
});
