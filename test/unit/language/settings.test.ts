// Settings from the editor: checked, completed, complained about.
import { expect, it } from 'vitest';
import { checkSettings, defaultSettings } from '../../../server/src/language/settings.ts';

it('takes what the editor has, and the defaults for the rest', () => {
  const { settings, complaints } = checkSettings({
    model: { path: 'runs/a/best_model' },
    score: { threshold: 0.4 },
    trace: { server: 'off' },
  });
  expect(complaints).toEqual([]);
  expect(settings).toEqual({
    ...defaultSettings(),
    'model.path': 'runs/a/best_model',
    'score.threshold': 0.4,
  });
});

it.each([undefined, null, 'text', 7, []])('lives with %j in place of the section', (section) => {
  expect(checkSettings(section)).toEqual({ settings: defaultSettings(), complaints: [] });
});

it('names a setting whose value is not allowed, and uses its default', () => {
  const { settings, complaints } = checkSettings({
    score: { threshold: 7, aggregate: 'median' },
    device: 'cpu',
  });
  expect(settings['score.threshold']).toBeNull();
  expect(settings['score.aggregate']).toBe('min');
  expect(settings.device).toBe('cpu');
  expect(complaints).toHaveLength(2);
  expect(complaints[0]).toMatch(/^Setting prm\.score\.threshold is 7, .*default null counts\.$/);
  expect(complaints[1]).toContain('prm.score.aggregate is "median"');
});
