// Vitest's global setup of the integration tests: they start the bundles, so the bundles are built first.
import { build } from '../build.ts';

export default async function setup(): Promise<void> {
  await build();
}
