// Which model server, which of its models, and its key where it wants one.
import type { GenerateDataParams } from '../../../protocol/src/generation.ts';
import { notEmpty } from './checks.ts';
import { BACK, type Asker, type Option, type Reply } from './questions.ts';

/** What went wrong with a model server, in words for people. */
export interface ServerTrouble {
  /** Short enough for one line. */
  what: string;
  remedy?: string | undefined;
  /** Whether a key, or another one, mends it. */
  wantsKey: boolean;
}

/** What the questions need of the window around them. */
export interface ServerWorld {
  /** Addresses that were asked before, the newest first. */
  recentServers(): string[];
  /** @throws where it cannot be asked, see `failureOf` */
  models(server: string, signal: AbortSignal): Promise<string[]>;
  failureOf(error: unknown): ServerTrouble;
  keepKey(server: string, key: string): Promise<void>;
}

type Chosen = Pick<GenerateDataParams, 'server' | 'model'>;

/** Where model servers listen unless they are told otherwise. */
const USUAL_SERVERS = [
  { label: 'vLLM', address: 'http://127.0.0.1:8000/v1' },
  { label: 'llama.cpp', address: 'http://127.0.0.1:8080/v1' },
  { label: 'Ollama', address: 'http://127.0.0.1:11434/v1' },
] as const;

/** @returns the base address */
export async function askServer(
  { server }: Partial<Chosen>,
  asker: Asker,
  world: ServerWorld,
): Promise<Reply<string>> {
  const recent = world.recentServers();
  const usual = USUAL_SERVERS.filter(({ address }) => !recent.includes(address));
  for (;;) {
    const reply = await asker.choose<string | undefined>('The model server: an OpenAI-compatible API', [
      ...recent.map((address, index): Option<string> => ({
        label: nameOf(address),
        ...(nameOf(address) === address ? {} : { description: address }),
        value: address,
        ...(index === 0 ? { group: 'Asked before' } : {}),
      })),
      ...usual.map(({ label, address }, index): Option<string> => ({
        label,
        description: address,
        value: address,
        ...(index === 0 ? { group: 'On this machine' } : {}),
      })),
      { label: '$(link) Another address…', value: undefined, group: 'Elsewhere' },
    ]);
    if (reply === undefined || reply === BACK) return reply;
    if (reply.value !== undefined) return { value: reply.value };
    const address = await askAddress(server, asker.deeper);
    if (address !== BACK) return address;
  }
}

function nameOf(address: string): string {
  return USUAL_SERVERS.find((server) => server.address === address)?.label ?? address;
}

function askAddress(server = '', asker: Asker): Promise<Reply<string>> {
  return asker.ask({
    prompt: 'Base address of the API; it mostly ends in /v1',
    value: server,
    placeHolder: 'http://127.0.0.1:8000/v1',
    check: checkAddress,
  });
}

/** A key in an address would be shown and kept as plain text. */
export function checkAddress(typed: string): string | undefined {
  const url = URL.canParse(typed) ? new URL(typed) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return 'An address such as http://127.0.0.1:8000/v1 is needed.';
  }
  const holdsMore = url.username !== '' || url.password !== '' || url.search !== '';
  return holdsMore ? 'Give the bare address: a key is asked for where the server wants one.' : undefined;
}

/** One of the server's own list where it has one; asks for a key where the server wants one, or another one. */
export async function askModelName(
  { server = '', model = '' }: Partial<Chosen>,
  asker: Asker,
  world: ServerWorld,
): Promise<Reply<string>> {
  const listed = await listModels(server, asker, world);
  return listed === undefined || listed === BACK ? listed : chooseModel(model, listed.value, asker);
}

/** @returns the models, or none where the person would rather type the name */
async function listModels(server: string, asker: Asker, world: ServerWorld): Promise<Reply<string[]>> {
  for (;;) {
    try {
      const message = `$(loading~spin) Asking ${server} for its models…`;
      return await asker.wait(message, (signal) => world.models(server, signal));
    } catch (error) {
      const trouble = world.failureOf(error);
      const next = trouble.wantsKey
        ? await askKey(server, trouble, asker, world)
        : await askAgain(server, trouble, asker);
      if (next === undefined || next === BACK) return next;
      if (next.value === 'type') return { value: [] };
    }
  }
}

type Next = Reply<'again' | 'type'>;

async function askKey(
  server: string,
  { what }: ServerTrouble,
  asker: Asker,
  world: ServerWorld,
): Promise<Next> {
  const question = keyQuestion(server);
  const key = await asker.ask({ ...question, prompt: `${server}: ${what}. ${question.prompt}` });
  if (key === undefined || key === BACK) return key;
  await world.keepKey(server, key.value);
  return { value: 'again' };
}

/** What is asked for a key, wherever it is. */
export function keyQuestion(server: string) {
  return {
    prompt: `The key of ${server}, which is kept in the system's safe`,
    password: true,
    check: (key: string): string | undefined =>
      /^[\x21-\x7e]+$/.test(key) ? undefined : 'A key without spaces is needed.',
  };
}

function askAgain(server: string, { what, remedy }: ServerTrouble, asker: Asker): Promise<Next> {
  return asker.choose<'again' | 'type'>(`${server}: ${what}`, [
    {
      label: '$(refresh) Try again',
      ...(remedy === undefined ? {} : { detail: remedy }),
      value: 'again',
    },
    {
      label: '$(edit) Type the name of the model',
      detail: 'For a server that is started later.',
      value: 'type',
    },
  ]);
}

/** @param earlier the name that was given before, or nothing */
async function chooseModel(earlier: string, models: readonly string[], asker: Asker): Promise<Reply<string>> {
  if (models.length === 0) return typeName(earlier, asker);
  const inOrder = [...models].sort((a, b) => Number(b === earlier) - Number(a === earlier));
  for (;;) {
    const reply = await asker.choose<string | undefined>('The model to ask', [
      ...inOrder.map((name) => ({ label: name, value: name })),
      { label: '$(edit) Another name…', value: undefined },
    ]);
    if (reply === undefined || reply === BACK) return reply;
    if (reply.value !== undefined) return { value: reply.value };
    const name = await typeName(earlier, asker.deeper);
    if (name !== BACK) return name;
  }
}

function typeName(earlier: string, asker: Asker): Promise<Reply<string>> {
  return asker.ask({
    prompt: 'Name of the model, as the server calls it',
    value: earlier,
    check: notEmpty,
  });
}
