// The formats for export. A new one is one file and one line here, and its name in target.ts.
import { formatted } from './formatted.ts';
import { mathShepherd } from './mathShepherd.ts';
import { prm800k } from './prm800k.ts';
import { processbench } from './processbench.ts';
import type { ExportTarget, TargetName } from './target.ts';
import { trl } from './trl.ts';

export const TARGET_TABLE: Readonly<Record<TargetName, ExportTarget>> = {
  trl,
  'math-shepherd': mathShepherd,
  prm800k,
  processbench,
  formatted,
};
