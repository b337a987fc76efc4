// The user's settings: asked from the editor, checked, completed with the defaults.
import { z } from 'zod';
import { AGGREGATES, DEVICES } from '../../../protocol/src/engine.ts';
import { SETTINGS, type Settings } from '../../../protocol/src/settings.ts';

const schemas: { readonly [Name in keyof Settings]: z.ZodType<Settings[Name]> } = {
  'model.path': z.string(),
  device: z.enum(DEVICES),
  'score.threshold': z.number().min(0).max(1).nullable(),
  'score.aggregate': z.enum(AGGREGATES),
  'inlayHints.enabled': z.boolean(),
  'inlayHints.labels': z.boolean(),
  'diagnostics.enabled': z.boolean(),
  'training.openDashboard': z.boolean(),
};

export function defaultSettings(): Settings {
  return {
    'model.path': SETTINGS['model.path'].default,
    device: SETTINGS.device.default,
    'score.threshold': SETTINGS['score.threshold'].default,
    'score.aggregate': SETTINGS['score.aggregate'].default,
    'inlayHints.enabled': SETTINGS['inlayHints.enabled'].default,
    'inlayHints.labels': SETTINGS['inlayHints.labels'].default,
    'diagnostics.enabled': SETTINGS['diagnostics.enabled'].default,
    'training.openDashboard': SETTINGS['training.openDashboard'].default,
  };
}

export interface CheckedSettings {
  settings: Settings;
  /** One sentence for each value that was refused; its default counts instead. */
  complaints: string[];
}

/** @param section what the editor has under `prm`: nested objects, with anything in them */
export function checkSettings(section: unknown): CheckedSettings {
  const settings = defaultSettings();
  const complaints: string[] = [];
  const take = <Name extends keyof Settings>(name: Name): void => {
    const value = valueAt(section, name);
    if (value === undefined) return;
    const checked = schemas[name].safeParse(value);
    if (checked.success) settings[name] = checked.data;
    else {
      complaints.push(
        `Setting prm.${name} is ${JSON.stringify(value)}, which is not allowed (${z.prettifyError(checked.error).replace(/^✖ /, '')}); ` +
          `its default ${JSON.stringify(SETTINGS[name].default)} counts.`,
      );
    }
  };
  take('model.path');
  take('device');
  take('score.threshold');
  take('score.aggregate');
  take('inlayHints.enabled');
  take('inlayHints.labels');
  take('diagnostics.enabled');
  take('training.openDashboard');
  return { settings, complaints };
}

function valueAt(section: unknown, name: string): unknown {
  let value = section;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
