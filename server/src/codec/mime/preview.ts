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
      if (done) return;
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
      let i = 0;
      while (i < text.length) {
        const c = text.charCodeAt(i);
        if (isSpace(c)) {
          space = out !== '';
          i++;
          continue;
        }
        if (isInvisible(c)) {
          i++;
          continue;
        }
        const room = maxPreviewCharacters - characters - (space ? 1 : 0);
        if (room <= 0) {
          if (!inPreamble) done = true;
          taking = false;
          return;
        }
        const from = i;
        let taken = 0;
        while (i < text.length && taken < room) {
          const next = text.charCodeAt(i);
          if (next <= 32 || (next > 126 && (isSpace(next) || isInvisible(next)))) break;
          // A surrogate pair is one character; the second half of one that was cut belongs to the first.
          if (next < 0xdc00 || next > 0xdfff) taken++;
          i++;
        }
        while (i < text.length && isLowSurrogate(text.charCodeAt(i))) i++;
        if (space) {
          out += ' ';
          characters++;
          space = false;
        }
        out += text.slice(from, i);
        characters += taken;
      }
    },
    finish: () => (out === '' ? fallback : out),
  };
}

function isShown(unit: TextUnit): boolean {
  const content = unit.part!.content;
  return content.disposition?.head !== 'attachment' && (content.subtype === 'plain' || content.subtype === 'html');
}

function isSpace(c: number): boolean {
  return c <= 32 || c === 0xa0 || c === 0x2028 || c === 0x2029 || c === 0x3000 || (c >= 0x2000 && c <= 0x200a);
}

/** Fillers that newsletters put before their text, controls, and byte order marks. */
function isInvisible(c: number): boolean {
  return (
    (c >= 0x7f && c < 0xa0) || c === 0xad || c === 0x34f || (c >= 0x200b && c <= 0x200f) || c === 0x2060 || c === 0xfeff
  );
}

function isLowSurrogate(c: number): boolean {
  return c >= 0xdc00 && c <= 0xdfff;
}
