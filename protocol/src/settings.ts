// The settings, defined once: the server reads them with these defaults, and a test holds package.json to them.
import { AGGREGATES, DEVICES, type Aggregate, type Device } from './engine.ts';

/** What the server works with. Keys are the settings' names without `prm.`. */
export interface Settings {
  /** Absolute, `~/…`, or relative to the workspace folder. Empty: no model is selected. */
  'model.path': string;
  device: Device;
  /** Score below which a step counts as incorrect; null: the model's own threshold. */
  'score.threshold': number | null;
  'score.aggregate': Aggregate;
  'inlayHints.enabled': boolean;
  'inlayHints.labels': boolean;
  'diagnostics.enabled': boolean;
  'training.openDashboard': boolean;
}

/** What a change of a setting needs before it takes effect. */
type TakesEffect = 'at once' | 'at the next scoring' | 'at the next training run';

/** One setting as the manifest declares it. */
export interface SettingDefinition<Value> {
  default: Value;
  /** JSON Schema of the value. */
  schema: Record<string, unknown>;
  /** `machine-overridable`: the user's machine decides, a workspace may say otherwise. */
  scope: 'window' | 'machine-overridable';
  /** Plain Markdown, as the settings page shows it. When a change takes effect is added to it. */
  description: string;
  takesEffect: TakesEffect;
  /** Ignored from an untrusted workspace: it names a file that is loaded or a device that is opened. */
  restricted: boolean;
}

export const SETTINGS: { readonly [Name in keyof Settings]: SettingDefinition<Settings[Name]> } = {
  'model.path': {
    default: '',
    schema: { type: 'string' },
    scope: 'window',
    description:
      'Folder of the process reward model that scores steps: absolute, `~/…`, or relative to the workspace folder. *PRM: Select Model…* sets it.',
    takesEffect: 'at the next scoring',
    restricted: true,
  },
  device: {
    default: 'auto',
    schema: { type: 'string', enum: [...DEVICES] },
    scope: 'machine-overridable',
    description:
      'Where the model runs. `auto` tries the others in order; the status item says which it took.',
    takesEffect: 'at the next scoring',
    restricted: true,
  },
  'score.threshold': {
    default: null,
    schema: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    scope: 'window',
    description:
      'Score below which a step counts as incorrect, 0 to 1. `null`: the threshold stored with the model.',
    takesEffect: 'at once',
    restricted: false,
  },
  'score.aggregate': {
    default: 'min',
    schema: { type: 'string', enum: [...AGGREGATES] },
    scope: 'window',
    description: 'How the scores of the steps become one score for the whole reasoning.',
    takesEffect: 'at the next scoring',
    restricted: false,
  },
  'inlayHints.enabled': {
    default: true,
    schema: { type: 'boolean' },
    scope: 'window',
    description: 'Show a mark and the score behind each scored step. Hovers show them either way.',
    takesEffect: 'at once',
    restricted: false,
  },
  'inlayHints.labels': {
    default: true,
    schema: { type: 'boolean' },
    scope: 'window',
    description:
      'Show the label behind each step of a dataset that is open as text, and of a `.steps` document.',
    takesEffect: 'at once',
    restricted: false,
  },
  'diagnostics.enabled': {
    default: true,
    schema: { type: 'boolean' },
    scope: 'window',
    description:
      'Mark broken rows in datasets that are open as text: JSON errors, lists of different length, unknown labels. Other JSON Lines files are left alone.',
    takesEffect: 'at once',
    restricted: false,
  },
  'training.openDashboard': {
    default: true,
    schema: { type: 'boolean' },
    scope: 'window',
    description: 'Open the training dashboard beside the work when *PRM: Train Model…* starts a run.',
    takesEffect: 'at the next training run',
    restricted: false,
  },
};

/** Section of all settings, and id of the language client: vscode-languageclient reads `prm.trace.server` itself. */
export const SETTINGS_SECTION = 'prm';

/** `prm.trace.server`, which only the language client reads. Takes effect at once. */
export const TRACE_SETTING = {
  default: 'off',
  schema: { type: 'string', enum: ['off', 'messages', 'verbose'] },
  scope: 'window',
  description:
    'What passes between VS Code and the language server, written to the output channel *PRM Workbench* where its level is *Trace* (*Developer: Set Log Level…*).',
} as const;
