// The status item's words in every state.
import { describe, expect, it } from 'vitest';
import { describeStatus } from '../../../client/src/statusText.ts';

describe('the status item', () => {
  it('names model and device when ready, and says more in its tooltip', () => {
    const status = describeStatus({
      state: 'ready',
      model: 'gsm8k-mini',
      modelFolder: '/w/.prm/runs/gsm8k-mini/best_model',
      device: 'cpu',
      deviceNotes: ['cuda: not installed.'],
    });
    expect(status.text).toBe('$(beaker) gsm8k-mini · cpu');
    expect(status.tooltip).toContain('/w/.prm/runs/gsm8k-mini/best_model');
    expect(status.tooltip).toContain('cuda: not installed.');
    expect(status.command).toBe('prm.selectModel');
  });

  it.each(['untrusted', 'none', 'idle', 'loading', 'ready', 'failed'] as const)(
    'has a label without icons for screen readers when %s',
    (state) => {
      const { label } = describeStatus({ state, model: 'm', message: 'It died.' });
      expect(label).toMatch(/^PRM model: /);
      expect(label).not.toContain('$(');
    },
  );

  it('shows a failure as one, with its message', () => {
    const status = describeStatus({ state: 'failed', message: 'The scoring engine was killed (SIGKILL).' });
    expect(status.isError).toBe(true);
    expect(status.tooltip).toContain('SIGKILL');
  });

  it('does not take an icon from a model name', () => {
    expect(describeStatus({ state: 'idle', model: '$(trash)' }).text).toBe('$(beaker) $ (trash)');
  });

  it('leads to workspace trust where nothing may be loaded', () => {
    expect(describeStatus({ state: 'untrusted' }).command).toBe('workbench.trust.manage');
  });
});
