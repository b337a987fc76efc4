// How a run's state is shown: a sign and a word, so that it never hangs on colour.
import type { RunState } from '../../../../protocol/src/dashboard.ts';

/** Different in shape. */
export const STATE_SIGNS: Readonly<Record<RunState, string>> = {
  running: '►',
  stalled: '◔',
  stopped: '■',
  failed: '✗',
  done: '✓',
};

/** What the state means, in a sentence. */
export const STATE_SENTENCES: Readonly<Record<RunState, string>> = {
  running: 'The run is going on.',
  stalled: 'The run’s process is there but has written nothing for minutes.',
  stopped: 'The run was stopped.',
  failed: 'The run failed.',
  done: 'The run is done.',
};
