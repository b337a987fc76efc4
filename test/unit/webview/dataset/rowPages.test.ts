import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatasetRow, DatasetRows } from '../../../../protocol/src/datasets.ts';
import { RowPages } from '../../../../webview/src/dataset/table/rowPages.ts';

interface Question {
  start: number;
  count: number;
  signal: AbortSignal;
  answer(rows?: number): void;
  refuse(error: Error): void;
}

let questions: Question[];
let news: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  questions = [];
  news = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

function row(position: number): DatasetRow {
  return { position, number: position + 1, cells: [] };
}

function pages(columns = 4): RowPages {
  return new RowPages({
    columns,
    ask: (start, count, signal) =>
      new Promise<DatasetRows>((resolve, reject) => {
        questions.push({
          start,
          count,
          signal,
          answer: (rows = count) => {
            resolve({
              start,
              rows: Array.from({ length: rows }, (_, at) => row(start + at)),
              known: { rows: 1_000_000, complete: true, share: 1 },
            });
          },
          refuse: reject,
        });
      }),
    onRows: () => news++,
  });
}

/** Answers everything that is still wanted. */
async function answerAll(): Promise<void> {
  for (const question of questions) if (!question.signal.aborted) question.answer();
  await vi.advanceTimersByTimeAsync(100);
}

describe('pages of rows', () => {
  it('are asked for where the view is, the visible one first', async () => {
    const subject = pages();
    subject.show(450, 470, 1_000_000);
    expect(questions.map(({ start, count }) => [start, count])).toEqual([
      [400, 100],
      [500, 100],
      [300, 100],
    ]);
    expect(subject.at(455)).toBe('waiting');
    await answerAll();
    expect(subject.at(455)).toEqual(row(455));
    expect(news).toBe(3);
  });

  it('stay few through a million rows', async () => {
    const subject = pages();
    let most = 0;
    for (let first = 0; first < 1_000_000; first += 1000) {
      subject.show(first, first + 40, 1_000_000);
      most = Math.max(most, subject.held);
      if (first % 10_000 === 0) await answerAll();
    }
    expect(most).toBeLessThanOrEqual(12);
    expect(subject.at(0)).toBe('waiting');
  });

  it('are given up when the view has left before they came', async () => {
    const subject = pages();
    subject.show(0, 40, 1_000_000);
    subject.show(500_000, 500_040, 1_000_000);
    expect(questions.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    await vi.advanceTimersByTimeAsync(100);
    expect(questions.slice(2).map(({ start }) => start)).toEqual([500_000, 500_100, 499_900]);
  });

  it('are not asked for at each step of a fast movement', async () => {
    const subject = pages();
    for (let step = 0; step < 100; step++) subject.show(step * 5000, step * 5000 + 40, 1_000_000);
    expect(questions).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(100);
    expect(questions).toHaveLength(5);
    expect(questions[2]?.start).toBe(495_000);
  });

  it('say why their rows did not come, and can be asked for again', async () => {
    const subject = pages();
    subject.show(0, 40, 50);
    questions[0]?.refuse(new Error('The file is gone.'));
    await vi.advanceTimersByTimeAsync(100);
    expect(subject.at(3)).toEqual({ refused: 'The file is gone.' });
    subject.show(0, 40, 50);
    await vi.advanceTimersByTimeAsync(100);
    expect(questions).toHaveLength(1);
    subject.retry();
    expect(subject.at(3)).toBe('waiting');
    await answerAll();
    expect(subject.at(3)).toEqual(row(3));
  });

  it('grow with the file, and keep their rows meanwhile', async () => {
    const subject = pages();
    subject.show(0, 40, 30);
    expect(questions[0]?.count).toBe(30);
    await answerAll();
    subject.show(0, 40, 60);
    await vi.advanceTimersByTimeAsync(100);
    expect(subject.at(10)).toEqual(row(10));
    expect(subject.at(45)).toBe('waiting');
    expect(questions[1]?.count).toBe(60);
    await answerAll();
    expect(subject.at(45)).toEqual(row(45));
  });

  it('hold few rows where rows are wide', () => {
    expect(pages(4).size).toBe(100);
    expect(pages(10_000).size).toBe(3);
    expect(pages(500).size).toBe(79);
  });

  it('say nothing after they were closed', async () => {
    const subject = pages();
    subject.show(0, 40, 1_000_000);
    subject.close();
    expect(questions.every(({ signal }) => signal.aborted)).toBe(true);
    await answerAll();
    expect(news).toBe(0);
    expect(subject.held).toBe(0);
  });
});
