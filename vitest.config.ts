// Unit tests run on the sources; integration tests also start the built bundles, browser tests open the built pages;
// both are built once before. Workbench tests drive the real VS Code with the packaged extension.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['scripts/lib/buildOnce.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['scripts/lib/buildOnce.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'workbench',
          include: ['test/workbench/**/*.test.ts'],
          globalSetup: ['scripts/lib/packageOnce.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
    // Two cores: a worker each, and no more processes than that beside the ones that tests start.
    maxWorkers: 2,
  },
});
