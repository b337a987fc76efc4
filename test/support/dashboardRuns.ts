// Runs as the server tells of them, made up: plausible curves with noise that is the same every time.
import type { RunChart, RunSummary, SettingValue } from '../../protocol/src/dashboard.ts';
import { TRAIN_SERIES, VALIDATION_SERIES } from '../../protocol/src/dashboard.ts';
import type { EvaluationMetrics, EvaluationReport } from '../../protocol/src/runs.ts';

const METRICS: EvaluationMetrics = {
  steps: 1600,
  incorrect: 640,
  loss: 0.2,
  accuracy: 0.93,
  balancedAccuracy: 0.92,
  f1Incorrect: 0.91,
  auroc: 0.97,
  majorityAccuracy: 0.6,
};

export const SETTINGS: Record<string, SettingValue> = {
  data: '.prm/data',
  model_name: 'mini',
  batch_size: 16,
  num_epochs: 3,
  learning_rate: 0.0005,
  warmup_ratio: 0.1,
  weight_decay: 0.1,
  max_length: 1024,
  save_total_limit: 2,
  device: 'auto',
  seed: 42,
  balance: true,
};

export function folderOf(name: string): string {
  return `/w/.prm/runs/${name}`;
}

export function madeRun(name: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    folder: folderOf(name),
    name,
    state: 'running',
    step: 480,
    totalSteps: 1200,
    epoch: 1.2,
    device: 'cpu',
    loss: 0.25,
    accuracy: 0.9,
    stepsPerSecond: 1.5,
    tokensPerSecond: 3912.4,
    secondsLeft: 480,
    newest: METRICS,
    best: METRICS,
    bestStep: 450,
    message: null,
    memoryBytes: 2_345_000_000,
    parameters: 7_344_640,
    stage: null,
    startedAt: '2026-11-21T22:36:45.183Z',
    updatedAt: '2026-11-21T22:42:05.000Z',
    settings: SETTINGS,
    checkpoints: [
      { name: 'checkpoint-400', step: 400, best: false },
      { name: 'checkpoint-450', step: 450, best: true },
    ],
    models: ['best_model'],
    ...more,
  };
}

/** A stream of numbers from 0 to 1 (Lehmer's generator). */
function noise(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

/** @param every training points stand for this many steps */
export function madeChart({ steps = 480, every = 1, seed = 7, examples = true } = {}): RunChart {
  const random = noise(seed);
  const pace = 0.5 + random();
  const goal = 0.15 + 0.2 * random();
  const axes = (at: number[]) => ({
    step: at,
    examples: at.map((step) => (examples ? step * 16 : null)),
    seconds: at.map((step) => step * pace),
  });
  const train = Array.from({ length: Math.floor(steps / every) }, (_, index) => (index + 1) * every);
  const validation = Array.from({ length: Math.floor(steps / 50) }, (_, index) => (index + 1) * 50);
  const lossAt = (step: number) => goal + (0.75 - goal) * Math.exp(-step / 160);
  const series = Object.fromEntries(
    TRAIN_SERIES.map((name) => {
      const means = train.map((step) => {
        const jitter = (random() - 0.5) * (every > 1 ? 0.4 : 1);
        switch (name) {
          case 'loss':
            return lossAt(step) * (1 + 0.35 * jitter);
          case 'accuracy':
            return Math.min(1, 1 - lossAt(step) * 0.6 + 0.1 * jitter);
          case 'learningRate':
            return step < 48 ? (5e-4 * step) / 48 : 2.5e-4 * (1 + Math.cos((Math.PI * step) / 1200));
          case 'gradientNorm':
            return (1 + 20 * Math.exp(-step / 60)) * (1 + 0.5 * jitter);
          case 'tokensPerSecond':
            return 3900 + 300 * jitter;
          case 'memoryBytes':
            return 2.3e9 - 1.6e9 * Math.exp(-step / 10);
        }
      });
      const spread = (value: number, sign: number) =>
        every > 1 ? value * (1 + sign * (0.1 + 0.2 * random())) : value;
      return [
        name,
        {
          mean: means,
          min: means.map((value) => spread(value, -1)),
          max: means.map((value) => spread(value, 1)),
        },
      ];
    }),
  ) as RunChart['train']['values'];
  const values = Object.fromEntries(
    VALIDATION_SERIES.map((name) => [
      name,
      validation.map((step) => {
        const accuracy = 1 - lossAt(step) * 0.5;
        const by = {
          loss: lossAt(step) * 1.05,
          accuracy,
          balancedAccuracy: accuracy - 0.01,
          f1Incorrect: accuracy - 0.03,
        };
        return { ...by, auroc: Math.min(1, accuracy + 0.05), majorityAccuracy: 0.6 }[name];
      }),
    ]),
  ) as RunChart['validation']['values'];
  return { train: { ...axes(train), values: series }, validation: { ...axes(validation), values }, steps };
}

export const REPORT: EvaluationReport = {
  step: 450,
  calibration: Array.from({ length: 10 }, (_, bin) => ({
    steps: [210, 90, 60, 41, 0, 52, 66, 120, 260, 701][bin] ?? 0,
    meanScore: bin === 4 ? null : bin / 10 + 0.048,
    correctShare: bin === 4 ? null : Math.min(1, Math.max(0, (bin / 10 - 0.5) * 1.15 + 0.55)),
  })),
  histogram: {
    correct: [3, 5, 6, 8, 9, 9, 10, 12, 15, 15, 20, 25, 28, 33, 45, 60, 85, 130, 180, 262],
    incorrect: [180, 120, 70, 50, 40, 30, 24, 20, 16, 14, 12, 11, 10, 9, 8, 8, 7, 5, 4, 2],
  },
  positions: Array.from({ length: 9 }, (_, index) => ({
    position: index + 1,
    steps: Math.round(420 * 0.8 ** index),
    incorrect: Math.round(60 * 0.95 ** index),
    accuracy: 0.97 - 0.02 * index,
  })),
  worst: [
    {
      problem:
        'Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May.\nHow many?',
      steps: ['In May she sold 48 / 2 = 24 clips.', 'Together that makes 48 + 24 = 62 clips.'],
      label: 'incorrect',
      score: 0.991,
      loss: 4.71,
    },
    {
      problem: '<img src=x onerror=alert(1)> What is 2 + 2?',
      steps: ['<script>alert(2)</script>', '2 + 2 = 4 ${html}'],
      label: 'correct',
      score: 0.02,
      loss: 3.91,
    },
    ...Array.from({ length: 6 }, (_, index) => ({
      problem: `Problem ${index + 3}: a tank holds ${index + 3} litres.`,
      steps: Array.from({ length: index + 1 }, (__, at) => `Step ${at + 1} of it, with some words to read.`),
      label: index % 2 === 0 ? ('incorrect' as const) : ('correct' as const),
      score: index % 2 === 0 ? 0.9 - index / 50 : 0.1 + index / 50,
      loss: 2.3 - index / 10,
    })),
  ],
};
