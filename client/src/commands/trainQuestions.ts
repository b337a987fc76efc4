// What `PRM: Train Model…` asks, one question each: data, model, method, device.
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { TrainModelArguments } from '../../../protocol/src/commands.ts';
import { DEVICES, type Device } from '../../../protocol/src/engine.ts';
import type { RecentModels } from '../recentModels.ts';
import { askText, browse, choose, workspaceFiles, type Choice } from './dialogs.ts';

export const TITLE = 'PRM: Train Model';

type Source = Pick<TrainModelArguments, 'data' | 'dataset'>;
type Method = Pick<TrainModelArguments, 'method' | 'stages'>;

/** Each of these gives undefined where the person went back. */
export async function askSource(): Promise<Source | undefined> {
  // `dataset_info.json` marks a folder that `prm format` wrote.
  const formatted = await workspaceFiles('**/dataset_info.json');
  const datasets = await workspaceFiles('**/*.parquet');
  const ask = await choose<() => Promise<Source | undefined>>(
    TITLE,
    [
      ...formatted.map(({ label, value }) => ({
        label: path.dirname(label),
        description: 'formatted',
        value: () => Promise.resolve<Source>({ data: path.dirname(value) }),
      })),
      ...datasets.map(({ label, value }) => ({
        label,
        description: 'dataset, formatted first',
        value: () => Promise.resolve<Source>({ dataset: value }),
      })),
      { label: '$(folder-opened) Browse for a formatted folder…', value: browseFormatted },
      { label: '$(file) Browse for a dataset…', value: browseDataset },
    ],
    'What to train on: a folder made by PRM: Format Dataset, or a dataset',
  );
  return ask?.();
}

async function browseFormatted(): Promise<Source | undefined> {
  const data = await browse('Formatted folder to train on', { folders: true });
  return data === undefined ? undefined : { data };
}

async function browseDataset(): Promise<Source | undefined> {
  const dataset = await browse('Dataset to train on', { files: { Datasets: ['parquet', 'jsonl', 'json'] } });
  return dataset === undefined ? undefined : { dataset };
}

/** `mini`, a folder, or an id on the Hub. */
export async function askModel(recent: RecentModels): Promise<string | undefined> {
  const ask = await choose<() => Promise<string | undefined>>(
    TITLE,
    [
      {
        label: 'mini',
        description: '7 million parameters, trained from nothing',
        detail: 'Minutes on a CPU. Learns what broken equations mean for the steps after them.',
        value: () => Promise.resolve('mini'),
      },
      ...recent.list().map((name) => ({
        label: path.basename(name),
        description: name,
        detail: 'Trained before in this window or another',
        value: () => Promise.resolve(name),
      })),
      {
        label: '$(folder-opened) Browse…',
        description: 'the folder of a language model: config.json, tokenizer.json, model.safetensors',
        value: () => browse('Folder of a language model', { folders: true }),
      },
      { label: '$(cloud-download) A model of the Hugging Face Hub…', value: askHubModel },
    ],
    'The model to train',
  );
  return ask?.();
}

function askHubModel(): Promise<string | undefined> {
  return askText(
    TITLE,
    'Model of the Hugging Face Hub: owner/name, with @revision behind it where it matters. It is downloaded first.',
    'Qwen/Qwen3-0.6B',
    (typed) => (/^[\w.-]+\/[\w.-]+(@\S+)?$/.test(typed) ? undefined : 'An id such as owner/name is needed.'),
  );
}

const METHOD_CHOICES: Choice<Method>[] = [
  {
    label: 'LoRA',
    description: 'small adapters and the head',
    detail: 'Little memory, nearly as good as training everything. The usual choice.',
    value: { method: 'lora' },
  },
  {
    label: 'Head',
    description: 'the classifier alone, on a frozen language model',
    detail: 'The fastest; a baseline to compare with.',
    value: { method: 'head' },
  },
  {
    label: 'Head, then LoRA',
    description: 'two stages in one run',
    detail: 'The adapters begin with a head that already reads the model.',
    value: { stages: ['head', 'lora'] },
  },
  {
    label: 'Full',
    description: 'all weights',
    detail: 'Needs some 16 bytes of memory for each parameter.',
    value: { method: 'full' },
  },
];

export function askMethod(): Promise<Method | undefined> {
  return choose(TITLE, METHOD_CHOICES, 'What of the language model is trained');
}

const DEVICE_TEXTS: Record<Device, string> = {
  auto: 'tries the others in order and says which it took',
  cpu: 'works everywhere',
  webgpu: 'the graphics card, through WebGPU',
  cuda: 'an NVIDIA card, where its libraries are installed',
  dml: 'a graphics card on Windows, through DirectML',
  coreml: 'an Apple machine, through Core ML',
};

/** The device of the settings comes first. */
export function askDevice(): Promise<Device | undefined> {
  const setting = vscode.workspace.getConfiguration('prm').get<Device>('device', 'auto');
  const devices = DEVICES.toSorted((a, b) => Number(b === setting) - Number(a === setting));
  return choose(
    TITLE,
    devices.map((value) => ({ label: value, description: DEVICE_TEXTS[value], value })),
    'Where to train',
  );
}
