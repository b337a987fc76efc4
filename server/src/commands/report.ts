// A report on the screen: a bold title in a column of its own, its text beside it.
import type { Colors } from 'picocolors/types';
import type { InputReport, SkippedRows } from '../datasets/format/formatReport.ts';

const TITLE_WIDTH = 13;

export class Report {
  private readonly lines: string[] = [];

  constructor(readonly paint: Colors) {}

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  add(title: string, text: string): void {
    this.lines.push(`${this.paint.bold(title.padEnd(TITLE_WIDTH))} ${text}`);
  }

  /** Belongs to the line before. */
  more(text: string): void {
    this.lines.push(this.paint.dim(`${' '.repeat(TITLE_WIDTH + 1)}${text}`));
  }

  line(text: string): void {
    this.lines.push(text);
  }

  blank(): void {
    this.lines.push('');
  }

  layout({ title, by, evidence }: InputReport['layout']): void {
    this.add('Layout', `${this.paint.bold(title)}, ${by === 'option' ? 'as asked' : 'recognised'}`);
    for (const sentence of evidence) this.more(sentence);
  }

  skipped({ reason, count, firstRows, firstDetail }: SkippedRows): void {
    const more = count > firstRows.length ? ', …' : '';
    const detail = firstDetail === undefined ? '' : ` (the first: ${firstDetail})`;
    const rows = `${count.toLocaleString('en')} × ${reason}, row ${firstRows.join(', ')}${more}${detail}`;
    this.add('Skipped', this.paint.yellow(rows));
  }
}
