// Changes to a solution's text, collected by place and written at once.
import { sameValue, type Place, type Sign } from './calculation.ts';
import type { Solution } from './solution.ts';

const LATEX_SIGNS: Readonly<Partial<Record<Sign, string>>> = { '*': '\\times', '/': '\\div' };

interface Edit extends Place {
  text: string;
}

export class Revision {
  /** By step, each step's in the order of the text. */
  private readonly edits = new Map<number, Edit[]>();

  constructor(private readonly solution: Solution) {}

  replace(step: number, { start, end }: Place, text: string): void {
    const edit = { start, end, text };
    const edits = this.edits.get(step);
    if (edits === undefined) {
      this.edits.set(step, [edit]);
      return;
    }
    // Mostly behind all others.
    let at = edits.length;
    while (at > 0 && (edits[at - 1]?.start ?? 0) > start) at--;
    if (at > 0 && edits[at - 1]?.start === start) return;
    if (at === edits.length) edits.push(edit);
    else edits.splice(at, 0, edit);
  }

  /** Writes a number at places that hold another, the way it is written there. */
  replaceNumber(step: number, places: readonly Place[], value: number): void {
    const text = this.solution.texts[step] ?? '';
    for (const place of places) {
      // Digits alone, as nearly all are, have no way of writing to keep.
      const isPlain = Number.isInteger(value) && areDigits(text, place);
      const written = isPlain ? String(value) : numberText(value, text.slice(place.start, place.end));
      this.replace(step, place, written);
    }
  }

  /** Writes a sign in place of another, in LaTeX where that one is. */
  replaceSign(step: number, place: Place, sign: Sign): void {
    const isLatex = this.solution.texts[step]?.charAt(place.start) === '\\';
    this.replace(step, place, (isLatex ? LATEX_SIGNS[sign] : undefined) ?? sign);
  }

  /** All steps with the changes made; those without a change are the solution's own strings. */
  steps(): string[] {
    const texts = [...this.solution.texts];
    for (const [step, edits] of this.edits) {
      const text = texts[step];
      if (text === undefined) continue;
      let written = '';
      let done = 0;
      for (const { start, end, text: replacement } of edits) {
        written += text.slice(done, start) + replacement;
        done = end;
      }
      texts[step] = written + text.slice(done);
    }
    return texts;
  }
}

const MOST = 1e9;
const DECIMALS = 2;

/** Whether a number can stand in a solution without looking made up: not negative, not huge, two decimals at most. */
export function isWritable(value: number): boolean {
  if (!(value >= 0 && value <= MOST)) return false;
  return Number.isInteger(value) || sameValue(value, Number(value.toFixed(DECIMALS)));
}

/**
 * Whether a number can stand where another stood: also whole where that one was (half a child gives an error away), and none or
 * one only where none or one stood ("1 pieces", "0 left over").
 */
export function canReplace(value: number, old: number): boolean {
  if (value !== old && (value === 0 || value === 1 || old === 0 || old === 1)) return false;
  return (Number.isInteger(value) || !Number.isInteger(old)) && isWritable(value);
}

function areDigits(text: string, { start, end }: Place): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/**
 * @param like how the number that stood there was written: with thousands separators, with or without a leading zero, with zeros
 *   behind the point
 */
function numberText(value: number, like: string): string {
  const padded = like.endsWith('0') ? decimalsOf(like) : 0;
  if (Number.isInteger(value) && padded === 0 && !like.includes(',')) return String(value);
  const needed = decimalsOf(String(Number(value.toFixed(DECIMALS))));
  const [whole = '0', decimals] = value.toFixed(Math.max(padded, needed)).split('.');
  const grouped = like.includes(',') ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  if (decimals === undefined) return grouped;
  return like.startsWith('.') && whole === '0' ? `.${decimals}` : `${grouped}.${decimals}`;
}

function decimalsOf(written: string): number {
  const point = written.indexOf('.');
  return point < 0 ? 0 : written.length - point - 1;
}
