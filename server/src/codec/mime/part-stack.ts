/**
 * The parts that are open while a message is scanned, outermost first: what a complete header block opens, which of them a
 * line delimits, and what closes with it (RFC 2046 5.1). The scanner tells lines apart; this knows what they mean.
 *
 * Holds the limits on parts, depth and the sum of header octets: past one a part is an opaque leaf.
 */
import {
  maxBoundaryBytes,
  maxHeaderBytes,
  maxMimeDepth,
  maxMimeHeaderBytes,
  maxMimeParts,
} from '../../kernel/limits.js';
import { type ContentFields, parseContentFields, plainTextFields } from './content-fields.js';
import { type BinaryString, toBinaryString } from './header-fields.js';
import { plainParameter } from './parameters.js';
import type { MimePart } from './part.js';
import type { BodySink, ScanTap } from './scan-tap.js';

type OpenPart = { -readonly [K in keyof MimePart]: K extends 'children' ? OpenPart[] : MimePart[K] };

interface Frame {
  readonly part: OpenPart;
  /** Default type of its children is message/rfc822 (RFC 2046 5.1.5). */
  digest: boolean;
  /** '' while no delimiter of its own can come (not a multipart, or closed). */
  boundary: string;
  /** The part limit is reached: only the close delimiter is heeded. */
  capped: boolean;
  /** Line ends before the body. */
  lfBeforeBody: number;
}

/** What `delimiter` answers when a line is none. */
export const noDelimiter = -1;

export class PartStack {
  readonly #tap: ScanTap | undefined;
  readonly #frames: Frame[] = [];
  readonly #root = newPart(0);
  #headerBudget = maxMimeHeaderBytes;
  #parts = 1;
  #active = 0;
  #sink: BodySink | undefined;
  #inHeader = true;

  constructor(tap: ScanTap | undefined) {
    this.#tap = tap;
    this.#frames.push(newFrame(this.#root));
  }

  /** The innermost part is in its header, else in its body (preamble and epilogue too). */
  get inHeader(): boolean {
    return this.#inHeader;
  }

  /** Multiparts whose delimiters may come. */
  get active(): number {
    return this.#active;
  }

  /** Takes the octets of the body that is under way. */
  get sink(): BodySink | undefined {
    return this.#sink;
  }

  /** Octets that the header under way may have. */
  get headerLimit(): number {
    return Math.min(maxHeaderBytes, this.#headerBudget);
  }

  /** The innermost part is the message inside a message part. */
  get encapsulated(): boolean {
    return this.#frames[this.#frames.length - 2]?.part.kind === 'message';
  }

  /** Which open multipart the line [from, to) delimits: a number for `onDelimiter`, or `noDelimiter`. */
  delimiter(octets: Uint8Array, from: number, to: number): number {
    // RFC 2046 5.1.1: white space may follow (transport-padding).
    let end = to;
    while (end > from && isPadding(octets[end - 1]!)) end--;
    const length = end - from - 2;
    if (length < 1 || length > maxBoundaryBytes + 2) return noDelimiter;
    const text = toBinaryString(octets, from + 2, end);
    // Innermost first. The whole line must match, so a boundary that another begins with is not taken for it.
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const { boundary, capped } = this.#frames[i]!;
      if (boundary === '') continue;
      if (boundary.length === length) {
        if (!capped && text === boundary) return i * 2;
      } else if (boundary.length === length - 2 && text.endsWith('--') && text.startsWith(boundary)) return i * 2 + 1;
    }
    return noDelimiter;
  }

  /** A delimiter was met: content before it ends at `contentEnd`, after `lines` line ends; the next line begins at `next`. */
  onDelimiter(found: number, contentEnd: number, lines: number, next: number): void {
    const index = found >> 1;
    this.close(index + 1, contentEnd, lines);
    this.#endSink();
    const frame = this.#frames[index]!;
    if ((found & 1) === 1) {
      // Close delimiter: what follows is the epilogue, which nobody sees (RFC 2046 5.1.1).
      frame.boundary = '';
      this.#active--;
      return;
    }
    this.#parts++;
    if (this.#parts >= maxMimeParts) frame.capped = true;
    this.#open(frame.part, next);
  }

  /** The header of the innermost part is complete. `body`: octets follow that belong to it. `lines`: line ends so far. */
  finishHeader(block: BinaryString, bodyStart: number, lines: number, body: boolean): void {
    this.#headerBudget -= block.length;
    this.#inHeader = false;
    const frame = this.#frames[this.#frames.length - 1]!;
    const parent = this.#frames[this.#frames.length - 2];
    const { part } = frame;
    part.bodyStart = bodyStart;
    frame.lfBeforeBody = lines;
    const content = parseContentFields(block, parent?.digest === true);
    part.content = content;
    const isMessage = parent === undefined || parent.part.kind === 'message';
    if (isMessage) part.header = block;
    this.#tap?.header?.(block, parent === undefined ? 'message' : isMessage ? 'encapsulated' : 'part');
    if (isMessageType(content) && this.#mayDescend(part)) {
      part.kind = 'message';
      this.#parts++;
      this.#open(part, bodyStart);
      // RFC 2046 5.2.1 forbids to encode a message; where it is done nevertheless, nothing in it is a header.
      if (!body || content.encoding === 'base64') this.finishHeader('', bodyStart, lines, body);
      return;
    }
    if (content.type === 'multipart') {
      const boundary = boundaryOf(content);
      if (boundary === '') {
        // RFC 2046 5.1.1: without a boundary it is no multipart; RFC 2045 5.2 says what it is then.
        part.content = { ...content, type: 'text', subtype: 'plain' };
      } else if (this.#mayDescend(part)) {
        part.kind = 'multipart';
        frame.boundary = boundary;
        frame.digest = content.subtype === 'digest';
        this.#active++;
        if (body) this.#sink = this.#tap?.preamble?.(part);
        return;
      }
    }
    if (body) this.#sink = this.#tap?.leaf?.(part);
  }

  /** Closes all parts from the depth `index` on; 0 ends the message. */
  close(index: number, end: number, lines: number): MimePart {
    while (this.#frames.length > index) {
      const { part, boundary, lfBeforeBody } = this.#frames.pop()!;
      this.#endSink();
      if (boundary !== '') this.#active--;
      part.end = Math.max(part.bodyStart, end);
      part.lines = Math.max(0, lines - lfBeforeBody);
      if (part.kind === 'multipart' && part.children.length === 0) {
        // No delimiter came: what is there is shown as text.
        const text = newPart(part.bodyStart);
        text.end = part.end;
        text.lines = part.lines;
        part.children.push(text);
      }
    }
    return this.#root;
  }

  #open(parent: OpenPart, headerStart: number): void {
    const child = newPart(headerStart);
    parent.children.push(child);
    this.#frames.push(newFrame(child));
    this.#inHeader = true;
  }

  /** Past a limit a part with parts of its own becomes one opaque leaf. */
  #mayDescend(part: OpenPart): boolean {
    if (this.#frames.length < maxMimeDepth && this.#parts < maxMimeParts) return true;
    part.content = { ...part.content, type: 'application', subtype: 'octet-stream' };
    return false;
  }

  #endSink(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.end();
  }
}

function newPart(headerStart: number): OpenPart {
  return {
    kind: 'leaf',
    headerStart,
    bodyStart: headerStart,
    end: headerStart,
    lines: 0,
    content: plainTextFields,
    children: [],
    header: '',
  };
}

function newFrame(part: OpenPart): Frame {
  return { part, digest: false, boundary: '', capped: false, lfBeforeBody: 0 };
}

/** RFC 2046 5.2.1 and RFC 6532 3.7. */
function isMessageType(content: ContentFields): boolean {
  return content.type === 'message' && (content.subtype === 'rfc822' || content.subtype === 'global');
}

function boundaryOf(content: ContentFields): string {
  const boundary = plainParameter(content.parameters, 'boundary')?.trimEnd() ?? '';
  return boundary.length > maxBoundaryBytes ? '' : boundary;
}

function isPadding(octet: number): boolean {
  return octet === 32 || octet === 9 || octet === 13 || octet === 10;
}
