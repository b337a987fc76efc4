// The environment variables of the Hugging Face tools, so that a machine set up for them needs nothing more.
// https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { systemErrorCode } from '../errors.ts';

export interface HubSettings {
  endpoint: string;
  /** Folder that holds `datasets--owner--name` and `models--owner--name`. */
  cache: string;
  token: string | undefined;
  offline: boolean;
}

export async function hubSettings(environment: NodeJS.ProcessEnv): Promise<HubSettings> {
  const {
    HF_ENDPOINT,
    HF_HOME,
    HF_HUB_CACHE,
    HF_HUB_OFFLINE,
    HF_TOKEN,
    HF_TOKEN_PATH,
    HUGGINGFACE_HUB_CACHE,
    XDG_CACHE_HOME,
  } = withoutEmpty(environment);
  const home = HF_HOME ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'huggingface');
  return {
    endpoint: (HF_ENDPOINT ?? 'https://huggingface.co').replace(/\/+$/, ''),
    cache: HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? path.join(home, 'hub'),
    token: HF_TOKEN?.trim() ?? (await tokenFromFile(HF_TOKEN_PATH ?? path.join(home, 'token'))),
    offline: ['1', 'on', 'yes', 'true'].includes((HF_HUB_OFFLINE ?? '').toLowerCase()),
  };
}

/** An empty variable is one that is not set, as for the other tools. */
function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
}

async function tokenFromFile(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
