// The editor's commands: ids, titles, and what each takes and gives when it is called with arguments.
import type { CacheCheck, CacheContents, ClearCacheParams, ClearedCache } from './generation.ts';
import type { GenerateDataParams, GeneratedData } from './generation.ts';
import type { DownloadDatasetParams, DownloadedDataset } from './hub.ts';
import type { ClearScoresResult, FormatDatasetParams, FormatDatasetResult, ScoreReport } from './requests.ts';
import type { DeviceList, EvaluatedModel, EvaluateModelParams } from './requests.ts';
import type { StartRunParams, TextRange } from './requests.ts';
import type { RunSummary } from './dashboard.ts';

/** Title in the palette behind `PRM: `, by command id. Three dots: the command asks before it acts. */
export const COMMANDS = {
  'prm.openDataset': 'Open as Dataset',
  'prm.goToRow': 'Go to Row…',
  'prm.downloadDataset': 'Download Dataset…',
  'prm.generateData': 'Generate Training Data…',
  'prm.formatDataset': 'Format Dataset…',
  'prm.trainModel': 'Train Model…',
  'prm.openDashboard': 'Open Training Dashboard',
  'prm.evaluateModel': 'Evaluate Model…',
  'prm.showDevices': 'Show Devices',
  'prm.scoreSelection': 'Score Selection',
  'prm.scoreDocument': 'Score Document',
  'prm.clearScores': 'Clear Scores',
  'prm.selectModel': 'Select Model…',
  'prm.showCache': 'Show Answer Cache',
  'prm.refreshCache': 'Refresh Answer Cache',
  'prm.verifyCache': 'Verify Answer Cache',
  'prm.clearCache': 'Clear Answer Cache…',
  'prm.clearCachedModel': 'Clear Answers of a Model…',
  'prm.revealCache': 'Reveal Folder of the Answer Cache',
  'prm.showOutput': 'Show Output',
  'prm.restartServer': 'Restart Server',
} as const;

export type CommandId = keyof typeof COMMANDS;

/**
 * What a command takes and gives when it is called with a plain object, by a keybinding, a test or another
 * extension: no dialog opens, and a failure rejects with its message. Called without one (palette, menu, key), a command
 * asks for what it needs, shows failures as messages, and gives undefined where the person went back. With its arguments
 * inside a `ForPerson`, it asks nothing and shows failures as messages.
 */
export interface CommandSignatures {
  'prm.openDataset': { arguments: OpenDatasetArguments; result: undefined };
  'prm.goToRow': { arguments: GoToRowArguments; result: undefined };
  'prm.downloadDataset': { arguments: DownloadDatasetArguments; result: DownloadedDataset };
  'prm.generateData': { arguments: GenerateDataArguments; result: GeneratedData };
  'prm.formatDataset': { arguments: FormatDatasetArguments; result: FormatDatasetResult };
  'prm.trainModel': { arguments: TrainModelArguments; result: TrainModelResult };
  'prm.scoreSelection': { arguments: ScoreArguments; result: ScoreReport };
  'prm.scoreDocument': { arguments: Pick<ScoreArguments, 'uri'>; result: ScoreReport };
  'prm.clearScores': { arguments: { uri?: string }; result: ClearScoresResult };
  'prm.selectModel': { arguments: SelectModelArguments; result: SelectModelResult };
  'prm.evaluateModel': { arguments: EvaluateModelArguments; result: EvaluatedModel };
  'prm.showDevices': { arguments: Record<string, never>; result: DeviceList };
  'prm.openDashboard': { arguments: Record<string, never>; result: undefined };
  'prm.showCache': { arguments: Record<string, never>; result: undefined };
  'prm.refreshCache': { arguments: Record<string, never>; result: CacheContents };
  'prm.verifyCache': { arguments: Record<string, never>; result: CacheCheck };
  'prm.clearCache': { arguments: ClearCacheArguments; result: ClearedCache };
  'prm.clearCachedModel': { arguments: { model: string }; result: ClearedCache };
  'prm.revealCache': { arguments: Record<string, never>; result: RevealedCache };
  'prm.showOutput': { arguments: Record<string, never>; result: undefined };
  'prm.restartServer': { arguments: Record<string, never>; result: undefined };
}

/** What a code lens gives its command: a person pressed it, so what goes wrong is told with the remedies as buttons. */
export interface ForPerson<Id extends CommandId> {
  forPerson: CommandSignatures[Id]['arguments'];
}

interface OpenDatasetArguments {
  /** Absolute, or relative to the first workspace folder. */
  path: string;
}

interface GoToRowArguments {
  /** As the table shows it, the first is 1: row of a Parquet file, line of a text file. */
  row: number;
}

type DownloadDatasetArguments = Omit<DownloadDatasetParams, 'workDoneToken'>;

/** `outputDir`: `.prm/data/NAME` in the first workspace folder where missing. */
export type GenerateDataArguments = Omit<GenerateDataParams, 'workDoneToken' | 'outputDir'> & {
  outputDir?: string;
};

/** Paths are absolute, or relative to the first workspace folder. */
export type FormatDatasetArguments = Omit<FormatDatasetParams, 'workDoneToken'>;

/** `outputDir`: `.prm/runs/NAME` in the first workspace folder where missing. */
export type TrainModelArguments = Omit<StartRunParams, 'outputDir'> & { outputDir?: string };

export type EvaluateModelArguments = Omit<EvaluateModelParams, 'workDoneToken'>;

/** Given when the run has ended, whether well or not. */
export interface TrainModelResult {
  state: Exclude<RunSummary['state'], 'running'>;
  /** The run folder, absolute. */
  folder: string;
  /** `FOLDER/best_model`, or `final_model` where there is none; null where the run left neither. */
  modelFolder: string | null;
  step: number;
  totalSteps: number;
  /** What the end event said, for a run that failed. */
  message: string | null;
  /** The best evaluation on validation problems. */
  best: RunSummary['best'];
}

export interface ScoreArguments {
  /** Document, as a URI; the active editor's where missing. */
  uri?: string;
  /** What to score; the active editor's selection where missing. */
  range?: TextRange;
}

interface SelectModelArguments {
  /** Model folder: absolute, or relative to the first workspace folder. Empty: no model. */
  model: string;
}

interface SelectModelResult {
  /** What the setting `prm.model.path` holds now. */
  setting: string;
}

export type ClearCacheArguments = Omit<ClearCacheParams, 'workDoneToken'>;

interface RevealedCache {
  /** Absolute. */
  folder: string;
  /** False before the first answer is kept: there is nothing to show. */
  exists: boolean;
}
