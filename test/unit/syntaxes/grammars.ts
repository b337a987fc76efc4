// Tokenises lines as VS Code does it, for tests of the grammars.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar, type IRawGrammar } from 'vscode-textmate';

const SYNTAXES = path.resolve(import.meta.dirname, '../../../syntaxes');

export interface GrammarFiles {
  /** File in `syntaxes/`, or a grammar, by scope name. */
  grammars: Readonly<Record<string, string | IRawGrammar>>;
  /** Scope name of the grammar to load. */
  scope: string;
  /** Scope names of the grammars that are injected into it. */
  injections?: readonly string[];
}

let onigurumaLoaded: Promise<void> | undefined;

async function loadOniguruma(): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
  await oniguruma.loadWASM(await readFile(wasm));
}

export async function loadGrammar({ grammars, scope, injections = [] }: GrammarFiles): Promise<IGrammar> {
  onigurumaLoaded ??= loadOniguruma();
  await onigurumaLoaded;
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (name) => {
      const grammar = grammars[name];
      if (typeof grammar !== 'string') return grammar ?? null;
      const file = path.join(SYNTAXES, grammar);
      return textmate.parseRawGrammar(await readFile(file, 'utf8'), file);
    },
    getInjections: (name) => (name === scope ? [...injections] : undefined),
  });
  const loaded = await registry.loadGrammar(scope);
  if (loaded === null) throw new Error(`The grammar ${scope} was not loaded.`);
  return loaded;
}

/** The pieces of a line whose innermost scope a condition accepts, with that scope. */
export function pieces(
  grammar: IGrammar,
  line: string,
  accept: (scope: string) => boolean,
): [text: string, scope: string][] {
  return grammar.tokenizeLine(line, null).tokens.flatMap(({ startIndex, endIndex, scopes }) => {
    const scope = scopes.at(-1) ?? '';
    return accept(scope) ? [[line.slice(startIndex, endIndex), scope] as [string, string]] : [];
  });
}
