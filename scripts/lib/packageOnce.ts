// Vitest's global setup of the workbench tests: they install the packaged extension, so it is packaged first.
import type { TestProject } from 'vitest/node';
import { packageExtension } from '../package.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packaged extension. */
    vsix: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const { file } = await packageExtension();
  project.provide('vsix', file);
}
