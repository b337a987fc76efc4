// Where the built programs lie; the integration project builds them before its tests run.
import path from 'node:path';

const DIST = path.resolve(import.meta.dirname, '../../dist');

export const ENGINE_FILE = path.join(DIST, 'server/engine.cjs');
export const CLI_FILE = path.join(DIST, 'server/cli.cjs');
export const FORMAT_WORKER_FILE = path.join(DIST, 'server/formatWorker.cjs');
export const DATASET_PROCESS_FILE = path.join(DIST, 'server/datasetProcess.cjs');
export const CORRUPT_THREAD_FILE = path.join(DIST, 'server/corruptThread.cjs');
