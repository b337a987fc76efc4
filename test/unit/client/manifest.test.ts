// Holds package.json to the protocol's definitions: what the code knows is what VS Code is told.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../protocol/src/commands.ts';
import { SETTINGS, SETTINGS_SECTION, TRACE_SETTING } from '../../../protocol/src/settings.ts';

interface Manifest {
  icon: string;
  main: string;
  activationEvents: string[];
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string; when: string }[]>;
    viewsContainers: Record<string, { id: string; icon: string }[]>;
    views: Record<string, { id: string; icon: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
    customEditors: { viewType: string; selector: { filenamePattern: string }[]; priority: string }[];
    keybindings: { command: string; key: string; when: string }[];
    languages: { id: string; extensions: string[]; configuration: string }[];
    grammars: { language: string; scopeName: string; path: string }[];
    configuration: { properties: Record<string, unknown> };
    walkthroughs: {
      steps: { description: string; media: { markdown: string }; completionEvents: string[] }[];
    }[];
  };
}

const ROOT = path.resolve(import.meta.dirname, '../../..');
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Manifest;
const { contributes } = manifest;

describe('the manifest', () => {
  it('lists exactly the commands that the protocol names', () => {
    expect(
      contributes.commands.map(({ command, title, category }) => ({ command, title, category })),
    ).toEqual(Object.entries(COMMANDS).map(([command, title]) => ({ command, title, category: 'PRM' })));
  });

  it('declares exactly the settings that the protocol defines, with their defaults', () => {
    const expected = Object.entries(SETTINGS).map(([name, setting]) => [
      `${SETTINGS_SECTION}.${name}`,
      {
        ...setting.schema,
        default: setting.default,
        scope: setting.scope,
        markdownDescription: `${setting.description} Takes effect ${setting.takesEffect}; no restart is needed.`,
      },
    ]);
    const { default: off, schema, scope, description } = TRACE_SETTING;
    expect(contributes.configuration.properties).toEqual({
      ...Object.fromEntries(expected),
      [`${SETTINGS_SECTION}.trace.server`]: {
        ...schema,
        default: off,
        scope,
        markdownDescription: `${description} Takes effect at once; no restart is needed.`,
      },
    });
  });

  it('restricts in an untrusted workspace what names a model or opens a device', () => {
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(
      Object.entries(SETTINGS)
        .filter(([, { restricted }]) => restricted)
        .map(([name]) => `${SETTINGS_SECTION}.${name}`),
    );
  });

  it('does not start with every window', () => {
    expect(manifest.activationEvents).not.toContain('*');
    expect(manifest.activationEvents).not.toContain('onStartupFinished');
  });

  it('starts with a text in which labels are shown; that of its own language starts it anyway', () => {
    expect(manifest.activationEvents).toContain('onLanguage:jsonl');
  });

  it('opens as a dataset by itself only what no text editor shows', () => {
    const patterns = (priority: string): string[] =>
      contributes.customEditors
        .filter((editor) => editor.priority === priority)
        .flatMap(({ selector }) => selector.map(({ filenamePattern }) => filenamePattern));
    expect(patterns('default')).toEqual(['*.parquet', '*.jsonl.gz']);
    expect(patterns('option')).toEqual(['*.jsonl', '*.ndjson', '*.json', '*.gz']);
  });

  it('names only commands that exist, in menus, keys and the walkthrough', () => {
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const named = [
      ...Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command)),
      ...contributes.keybindings.map(({ command }) => command),
      ...[
        ...steps.map(({ description }) => description),
        ...contributes.viewsWelcome.map(({ contents }) => contents),
      ].flatMap((text) => [...text.matchAll(/\(command:([^)]+)\)/g)].map(([, id]) => id)),
      ...steps.flatMap(({ completionEvents }) =>
        completionEvents.map((event) => event.replace('onCommand:', '')),
      ),
    ];
    expect(named.filter((id) => id === undefined || !(id in COMMANDS))).toEqual([]);
    expect(named.length).toBeGreaterThan(10);
  });

  it('walks through the work in its order', () => {
    const [start] = contributes.walkthroughs;
    expect(start?.steps.map(({ completionEvents }) => completionEvents[0])).toEqual(
      ['generateData', 'formatDataset', 'trainModel', 'selectModel', 'scoreSelection'].map(
        (id) => `onCommand:prm.${id}`,
      ),
    );
  });

  it('puts views into containers that it makes, and welcomes into views', () => {
    const containers = Object.values(contributes.viewsContainers).flatMap((all) => all.map(({ id }) => id));
    expect(Object.keys(contributes.views).filter((id) => !containers.includes(id))).toEqual([]);
    const views = Object.values(contributes.views).flatMap((all) => all.map(({ id }) => id));
    expect(contributes.viewsWelcome.filter(({ view }) => !views.includes(view))).toEqual([]);
  });

  it('offers nothing in a view that removes answers while the workspace is not trusted', () => {
    const shown = [
      ...(contributes.menus['view/title'] ?? []),
      ...(contributes.menus['view/item/context'] ?? []),
    ];
    const removing = shown.filter(({ command }) => /clear|verify/i.test(command));
    expect(removing.length).toBeGreaterThan(2);
    expect(removing.filter(({ when }) => !when.includes('isWorkspaceTrusted'))).toEqual([]);
  });

  it('names only files that exist', () => {
    const files = [
      manifest.icon,
      ...contributes.languages.map(({ configuration }) => configuration),
      ...contributes.grammars.map((grammar) => grammar.path),
      ...Object.values(contributes.viewsContainers).flatMap((all) => all.map(({ icon }) => icon)),
      ...Object.values(contributes.views).flatMap((all) => all.map(({ icon }) => icon)),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)),
    ];
    expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});
