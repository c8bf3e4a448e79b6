/**
 * Verifies search candidates (store design section 7): whether needles occur in the folded text of a message, by the rules of `fold.ts`,
 * on a stream, one pass for all needles. Memory: two pieces of folded text and the longest needle.
 */
import { createTextFolder, foldText } from './fold.js';
import { MimeScanner } from './scanner.js';
import { createTextTap, type TextSink } from './text.js';

export interface TextNeedle {
  /** As the client sent it, decoded. */
  readonly text: string;
  /**
   * `text`: header and body; `body`: everything but the outermost header (RFC 9051 6.4.4); `shown`: the body and what people see
   * of a header (RFC 8621 4.4.1, text).
   */
  readonly scope: 'text' | 'body' | 'shown';
}

const shownFields: ReadonlySet<string> = new Set(['from', 'to', 'cc', 'bcc', 'subject']);

export interface TextSearch {
  push(chunk: Uint8Array): void;
  /** Every needle was found: the rest need not be read. */
  readonly done: boolean;
  /** One answer a needle, in order. */
  end(): readonly boolean[];
}

export function createTextSearch(needles: readonly TextNeedle[]): TextSearch {
  const octets = needles.map((needle) => Buffer.from(foldText(needle.text)));
  const found = octets.map((needle) => needle.length === 0);
  let open = found.filter((is) => !is).length;
  const keep = Math.max(1, ...octets.map((needle) => needle.length)) - 1;
  let tail = Buffer.alloc(0);
  let inHeader = false;

  const look = (folded: Uint8Array): void => {
    if (open === 0) return;
    const window = Buffer.concat([tail, folded]);
    for (let i = 0; i < octets.length; i++) {
      if (found[i] || (inHeader && needles[i]!.scope === 'body')) continue;
      if (window.indexOf(octets[i]!) === -1) continue;
      found[i] = true;
      open--;
    }
    tail = keep === 0 ? tail : window.subarray(Math.max(0, window.length - keep));
  };
  const folder = createTextFolder(look);
  const sink: TextSink = {
    get wanted() {
      return open > 0;
    },
    begin(unit) {
      folder.separate();
      folder.flush();
      tail = Buffer.alloc(0);
      inHeader = unit.kind === 'header';
    },
    text: (text) => folder.push(text),
  };
  const onlyShown = needles.every((needle) => needle.scope !== 'text');
  const scanner = new MimeScanner(createTextTap(sink, onlyShown ? shownFields : undefined));
  return {
    get done() {
      return open === 0;
    },
    push: (chunk) => scanner.push(chunk),
    end() {
      scanner.end();
      folder.separate();
      folder.close();
      return found;
    },
  };
}

/** For one needle and a message that is in memory. */
export function textMatches(message: Uint8Array, needle: TextNeedle): boolean {
  const search = createTextSearch([needle]);
  search.push(message);
  return search.end()[0]!;
}
