// The value of an expression with roots, π and letters, where one can be read: two that agree wherever their letters are put mean the same
// (Schwartz and Zippel), so that nothing has to be rearranged.

/** Longer texts are no answers. */
const LONGEST = 200;
/** What a letter stands for in each trial: numbers without a relation to each other. */
const TRIALS = [0.618, 1.4142, 2.7183];

const TOKEN = /\s*(\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\.\d+|[a-zA-Z]+|[^\s])/gy;
const TIMES = new Set(['*', '·', '×', '\\cdot', '\\times']);
const DIVIDED = new Set(['/', '÷', '\\div']);
const FRACTIONS = new Set(['\\frac', '\\dfrac', '\\tfrac', '\\cfrac']);
const OPEN: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };
const IGNORED = new Set(['\\left', '\\right', '\\,', '\\!', '\\;', '\\ ', '\\displaystyle']);

/** Whether both can be read and have the same value, whatever their letters stand for; undefined where one cannot be read. */
export function sameExpression(left: string, right: string): boolean | undefined {
  let isSame = true;
  for (const [trial] of TRIALS.entries()) {
    const [a, b] = [valueIn(left, trial), valueIn(right, trial)];
    if (a === undefined || b === undefined) return undefined;
    isSame &&= Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  }
  return isSame;
}

function valueIn(text: string, trial: number): number | undefined {
  if (text.length > LONGEST) return undefined;
  const value = new Reader(text, trial).read();
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** A descent through sums, products, powers; undefined from anywhere means that the text is something else. */
class Reader {
  readonly #tokens: string[];
  readonly #trial: number;
  #next = 0;

  constructor(text: string, trial: number) {
    const tokens = [...text.matchAll(TOKEN)].map(([, token = '']) => token);
    this.#tokens = tokens.filter((token) => !IGNORED.has(token)).flatMap(letters);
    this.#trial = trial;
  }

  read(): number | undefined {
    const value = this.#sum();
    return this.#next === this.#tokens.length ? value : undefined;
  }

  get #token(): string | undefined {
    return this.#tokens[this.#next];
  }

  #skip(tokens: { has: (token: string) => boolean }): boolean {
    const token = this.#token;
    if (token === undefined || !tokens.has(token)) return false;
    this.#next++;
    return true;
  }

  #sum(): number | undefined {
    let value = this.#product();
    while (this.#token === '+' || this.#token === '-' || this.#token === '−') {
      const sign = this.#tokens[this.#next++] === '+' ? 1 : -1;
      const term = this.#product();
      value = value === undefined || term === undefined ? undefined : value + sign * term;
    }
    return value;
  }

  #product(): number | undefined {
    let value = this.#signed();
    while (value !== undefined) {
      if (this.#skip(DIVIDED)) value /= this.#signed() ?? NaN;
      else if (this.#skip(TIMES)) value *= this.#signed() ?? NaN;
      else if (this.#startsFactor()) value *= this.#power() ?? NaN;
      else break;
    }
    return value;
  }

  #signed(): number | undefined {
    if (this.#skip(new Set(['-', '−']))) {
      const value = this.#signed();
      return value === undefined ? undefined : -value;
    }
    return this.#skip(new Set(['+'])) ? this.#signed() : this.#power();
  }

  #power(): number | undefined {
    const base = this.#base();
    if (base === undefined || this.#token !== '^') return base;
    this.#next++;
    const exponent = this.#signed();
    return exponent === undefined ? undefined : base ** exponent;
  }

  /** Two factors side by side; a number never stands right behind another. */
  #startsFactor(): boolean {
    const token = this.#token;
    if (token === undefined) return false;
    return token in OPEN || /^(?:[a-zA-Z]|sqrt|pi|π|√|\\pi|\\sqrt)$/.test(token) || FRACTIONS.has(token);
  }

  #base(): number | undefined {
    const token = this.#tokens[this.#next++];
    if (token === undefined) return undefined;
    if (/^[\d.]/.test(token)) return Number(token);
    const close = OPEN[token];
    if (close !== undefined) return this.#until(close);
    if (token === 'π' || token === 'pi' || token === '\\pi') return Math.PI;
    if (FRACTIONS.has(token)) return this.#fraction();
    if (token === '√' || token === 'sqrt' || token === '\\sqrt') return this.#root();
    return /^[a-zA-Z]$/.test(token) ? letterValue(token, this.#trial) : undefined;
  }

  #until(close: string): number | undefined {
    const value = this.#sum();
    return this.#tokens[this.#next++] === close ? value : undefined;
  }

  #fraction(): number | undefined {
    const top = this.#base();
    const bottom = this.#base();
    return top === undefined || bottom === undefined ? undefined : top / bottom;
  }

  #root(): number | undefined {
    let degree: number | undefined = 2;
    if (this.#token === '[') {
      this.#next++;
      degree = this.#until(']');
    }
    const value = this.#base();
    return value === undefined || degree === undefined ? undefined : value ** (1 / degree);
  }
}

/** `xy` is x times y; a longer word is none of ours, but for names. */
function letters(token: string): string[] {
  return /^[a-zA-Z]{2}$/.test(token) && token !== 'pi' ? [...token] : [token];
}

function letterValue(letter: string, trial: number): number {
  return (TRIALS[trial] ?? 1) + ((letter.charCodeAt(0) * 0.754877) % 1);
}
