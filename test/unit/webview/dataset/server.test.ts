import { describe, expect, it } from 'vitest';
import { type FromDatasetPage } from '../../../../protocol/src/datasetPage.ts';
import { DATASET_SUMMARY } from '../../../../protocol/src/datasetSummary.ts';
import { DATASET_ROWS } from '../../../../protocol/src/datasets.ts';
import { connectServer, isCancelled } from '../../../../webview/src/dataset/server.ts';

function connection() {
  const posted: FromDatasetPage[] = [];
  return { posted, server: connectServer((message) => posted.push(message)) };
}

const params = { start: 0, count: 100 };

describe('questions of the page', () => {
  it('get their own answers, in whatever order these come', async () => {
    const { posted, server } = connection();
    const first = server.ask(DATASET_ROWS, params);
    const second = server.ask(DATASET_ROWS, { start: 100, count: 100 });
    expect(posted).toEqual([
      { type: 'ask', id: 1, method: 'prm/datasetRows', params },
      { type: 'ask', id: 2, method: 'prm/datasetRows', params: { start: 100, count: 100 } },
    ]);
    server.receive({ type: 'answer', id: 2, result: 'two' });
    server.receive({ type: 'answer', id: 1, result: 'one' });
    expect(await first).toBe('one');
    expect(await second).toBe('two');
  });

  it('are refused with the reason', async () => {
    const { server } = connection();
    const answer = server.ask(DATASET_ROWS, params);
    server.receive({ type: 'refused', id: 1, message: 'The file is gone.', cancelled: false });
    await expect(answer).rejects.toThrow('The file is gone.');
  });

  it('are given up at once, and the late answer is dropped', async () => {
    const { posted, server } = connection();
    const stop = new AbortController();
    const answer = server.ask(DATASET_ROWS, params, { signal: stop.signal });
    stop.abort();
    expect(isCancelled(await answer.catch((error: unknown) => error))).toBe(true);
    expect(posted.at(-1)).toEqual({ type: 'cancel', id: 1 });
    server.receive({ type: 'answer', id: 1, result: 'late' });
    const never = server.ask(DATASET_ROWS, params, { signal: stop.signal });
    await expect(never).rejects.toThrow();
    expect(posted).toHaveLength(2);
  });

  it('are not cancelled after their answer', async () => {
    const { posted, server } = connection();
    const stop = new AbortController();
    const answer = server.ask(DATASET_ROWS, params, { signal: stop.signal });
    server.receive({ type: 'answer', id: 1, result: 'one' });
    await answer;
    stop.abort();
    expect(posted).toHaveLength(1);
  });

  it('hear how far the work is', async () => {
    const { server } = connection();
    const shares: number[] = [];
    const answer = server.ask(DATASET_SUMMARY, {}, { onProgress: (share) => shares.push(share) });
    server.receive({ type: 'progress', id: 1, share: 0.5 });
    server.receive({ type: 'answer', id: 1, result: {} });
    await answer;
    server.receive({ type: 'progress', id: 1, share: 0.9 });
    expect(shares).toEqual([0.5]);
  });
});
