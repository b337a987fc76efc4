// Text of a document in a hover: shown as it is, never as a link, a command, an image or an icon.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeMarkdown, shortened } from '../../../server/src/language/markdown.ts';

describe('escaped text', () => {
  it.each([
    '[click](command:workbench.action.quit)',
    '![x](https://example.org/a.png)',
    '<img src=x>',
    '<https://example.org>',
    'https://example.org',
    'www.example.org',
    'someone@example.org',
    '$(trash) **bold** `code` # heading | table',
    '\n\n# heading\n- list',
  ])('holds no Markdown: %j', (text) => {
    const escaped = escapeMarkdown(text);
    // Every special character stands behind a backslash, and no line ends.
    expect(escaped.replace(/\\[!-/:-@[-`{-~]/g, '')).toMatch(/^[\w\s]*$/);
    expect(escaped).not.toContain('\n');
  });

  it('reads the same once a renderer has taken the backslashes off', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const shown = escapeMarkdown(text).replace(/\\([!-/:-@[-`{-~])/g, '$1');
        expect(shown).toBe(text.replace(/\s+/g, ' '));
      }),
    );
  });
});

it('shortens only what is too long', () => {
  expect(shortened('1234', 4)).toBe('1234');
  expect(shortened('12345', 4)).toBe('123…');
});
