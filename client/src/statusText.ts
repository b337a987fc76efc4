// The status item's words, apart from VS Code so that they can be tested.
import type { ModelStatus } from '../../protocol/src/requests.ts';

export interface StatusDescription {
  /** With an icon in VS Code's `$(name)` notation. */
  text: string;
  tooltip: string;
  /** For screen readers: no icons. */
  label: string;
  /** What a click does. */
  command: string;
  isError: boolean;
}

export function describeStatus(status: ModelStatus): StatusDescription {
  const model = withoutIcons(status.model ?? 'model');
  const device = status.device ?? '';
  const choose = 'Select to choose a model.';
  const at = { command: 'prm.selectModel', isError: false };
  switch (status.state) {
    case 'untrusted':
      return {
        text: '$(shield) PRM: restricted',
        tooltip: 'No model is loaded in an untrusted workspace. Select to manage workspace trust.',
        label: 'PRM model: none is loaded in an untrusted workspace. Select to manage workspace trust.',
        command: 'workbench.trust.manage',
        isError: false,
      };
    case 'none':
      return {
        ...at,
        text: '$(beaker) PRM: no model',
        tooltip: `No process reward model is selected. ${choose}`,
        label: `PRM model: none is selected. ${choose}`,
      };
    case 'idle':
      return {
        ...at,
        text: `$(beaker) ${model}`,
        tooltip: `${status.modelFolder ?? model}\nLoaded at the first scoring. ${choose}`,
        label: `PRM model: ${model}, loaded at the first scoring. ${choose}`,
      };
    case 'loading':
      return {
        ...at,
        text: `$(loading~spin) ${model}`,
        tooltip: `Loading ${status.modelFolder ?? model}`,
        label: `PRM model: ${model} is being loaded.`,
      };
    case 'ready':
      return {
        ...at,
        text: `$(beaker) ${model} · ${device}`,
        tooltip: [
          status.modelFolder ?? model,
          `Runs on ${device}.`,
          ...(status.deviceNotes ?? []),
          choose,
        ].join('\n'),
        label: `PRM model: ${model} on ${device}, ready. ${choose}`,
      };
    case 'failed':
      return {
        ...at,
        text: '$(error) PRM: engine failed',
        tooltip: `${status.message ?? 'The scoring engine failed.'}\nThe next scoring tries again. ${choose}`,
        label: `PRM model: the scoring engine failed. ${status.message ?? ''} ${choose}`,
        isError: true,
      };
  }
}

/** A model's name comes from a file: its `$(…)` must not become an icon. */
function withoutIcons(name: string): string {
  return name.replaceAll('$(', '$ (');
}
