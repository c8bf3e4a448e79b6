/**
 * PREVIEW (RFC 8970): the first 200 characters of the text a reader sees, white space collapsed: of the first part that is
 * no attachment and has text. Chosen once, at delivery.
 */
import type { TextUnit } from './text.js';

/** RFC 8970 3.1. */
export const maxPreviewCharacters = 200;

export interface PreviewBuilder {
  begin(unit: TextUnit): void;
  text(text: string): void;
  /** False: the preview is complete. */
  readonly wanted: boolean;
  finish(): string;
}

export function createPreviewBuilder(): PreviewBuilder {
  let out = '';
  let characters = 0;
  let done = false;
  let taking = false;
  let space = false;
  /** Used when the message has no text part with text: the preamble of broken mail. */
  let fallback = '';
  let inPreamble = false;
  return {
    get wanted() {
      return !done;
    },
    begin(unit) {
      if (inPreamble) {
        if (fallback === '') fallback = out;
        out = '';
        characters = 0;
      }
      if (out !== '') done = true;
      inPreamble = unit.preamble === true;
      taking = !done && unit.part !== undefined && (inPreamble || isShown(unit));
      space = false;
    },
    text(text) {
      if (!taking || done) return;
      for (const c of text) {
        if (characters >= maxPreviewCharacters) {
          if (!inPreamble) done = true;
          taking = false;
          return;
        }
        if (isSpace(c)) {
          space = out !== '';
          continue;
        }
        if (isInvisible(c.codePointAt(0)!)) continue;
        if (space) {
          out += ' ';
          characters++;
          space = false;
          if (characters >= maxPreviewCharacters) continue;
        }
        out += c;
        characters++;
      }
    },
    finish: () => (out === '' ? fallback : out),
  };
}

function isShown(unit: TextUnit): boolean {
  const content = unit.part!.content;
  return content.disposition?.head !== 'attachment' && (content.subtype === 'plain' || content.subtype === 'html');
}

function isSpace(c: string): boolean {
  return (
    c <= ' ' || c === '\u00a0' || c === '\u2028' || c === '\u2029' || c === '\u3000' || (c >= '\u2000' && c <= '\u200a')
  );
}

/** Fillers that newsletters put before their text, and byte order marks. */
function isInvisible(c: number): boolean {
  return (
    c === 0xad ||
    c === 0x34f ||
    c === 0x7f ||
    (c >= 0x200b && c <= 0x200f) ||
    c === 0x2060 ||
    c === 0xfeff ||
    (c >= 0x80 && c < 0xa0)
  );
}
