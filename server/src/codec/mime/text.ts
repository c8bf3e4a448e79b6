/**
 * The text of a message as people read it, for search and preview: header fields with encoded words decoded, file names, text parts
 * out of their transfer encoding and charset, HTML without tags, attached text and encapsulated messages too. A tap of the
 * scanner: one pass, no body in memory.
 */
import { type CharsetDecoder, createCharsetDecoder, decodeCharset } from './charset.js';
import type { ContentFields } from './content-fields.js';
import { decodeEncodedWords, hexDigit } from './encoded-words.js';
import { type BinaryString, fieldValue, toOctets, visitFields } from './header-fields.js';
import { createHtmlTextDecoder } from './html-text.js';
import { parseStructuredValue, plainParameter } from './parameters.js';
import type { MimePart } from './part.js';
import type { BodySink, ScanTap } from './scan-tap.js';
import { createTransferDecoder } from './transfer-encoding.js';

export interface TextSink {
  /** A unit of text begins: the header of the message, or anything else in it. Text of two units never runs together. */
  begin(unit: TextUnit): void;
  text(text: string): void;
  /** False: nothing more is wanted, spare the decoding. */
  readonly wanted: boolean;
}

export interface TextUnit {
  /** `header`: the outermost header, which BODY searches leave out (RFC 9051 6.4.4). */
  readonly kind: 'header' | 'body';
  /** Of a text part: undefined for headers. */
  readonly part?: MimePart;
  /** Text before the first delimiter of a multipart. */
  readonly preamble?: boolean;
}

const header: TextUnit = { kind: 'header' };
const embeddedHeader: TextUnit = { kind: 'body' };

/** `only`: of the outermost header nothing but these fields (lower case). */
export function createTextTap(sink: TextSink, only?: ReadonlySet<string>): ScanTap {
  return {
    header(block, of) {
      if (block === '' || !sink.wanted) return;
      sink.begin(of === 'message' ? header : embeddedHeader);
      writeHeaderText(of === 'message' && only !== undefined ? fieldsOf(block, only) : block, sink);
    },
    leaf(part) {
      if (part.content.type !== 'text' || !sink.wanted) return undefined;
      return createTextSink(part, { kind: 'body', part }, sink);
    },
    preamble(part) {
      return sink.wanted ? createTextSink(undefined, { kind: 'body', part, preamble: true }, sink) : undefined;
    },
  };
}

function fieldsOf(block: BinaryString, only: ReadonlySet<string>): BinaryString {
  let out = '';
  visitFields(block, (name, start, _valueStart, end) => {
    if (only.has(name)) out += block.slice(start, end);
  });
  return out;
}

/**
 * Header fields as they stand, but for those with encoded words or 8-bit octets, which are decoded. What needs no decoding goes
 * out in runs of whole fields: most headers are one.
 */
function writeHeaderText(block: BinaryString, sink: TextSink): void {
  if (isPlain(block, 0, block.length)) {
    sink.text(block);
    return;
  }
  let runStart = 0;
  let runEnd = 0;
  visitFields(block, (name, start, valueStart, end) => {
    if (isPlain(block, start, end)) {
      if (runEnd !== start) {
        if (runEnd > runStart) sink.text(block.slice(runStart, runEnd));
        runStart = start;
      }
      runEnd = end;
      return;
    }
    if (runEnd > runStart) sink.text(block.slice(runStart, runEnd));
    runStart = end;
    runEnd = end;
    const value = fieldValue(block, valueStart, end);
    sink.text(`${name}: ${decodeEncodedWords(value)}\n`);
    // A file name in RFC 2231 form is percent-encoded where it stands.
    if (name !== 'content-type' && name !== 'content-disposition') return;
    for (const parameter of parseStructuredValue(value).parameters) {
      const decoded = decodeExtendedParameter(parameter.name, parameter.value);
      if (decoded !== undefined) sink.text(`${decoded}\n`);
    }
  });
  if (runEnd > runStart) sink.text(block.slice(runStart, runEnd));
}

/** ASCII without the beginning of an encoded word (`=?`) or of an RFC 2231 value (`*=`). */
function isPlain(block: BinaryString, start: number, end: number): boolean {
  let last = 0;
  for (let i = start; i < end; i++) {
    const c = block.charCodeAt(i);
    if (c > 127 || (c === 63 && last === 61) || (c === 61 && last === 42)) return false;
    last = c;
  }
  return true;
}

/** RFC 2231 4: charset'language'%xx; undefined if the parameter is not in that form. */
export function decodeExtendedParameter(name: string, value: BinaryString): string | undefined {
  if (!name.endsWith('*')) return undefined;
  const first = value.indexOf("'");
  const second = first === -1 ? -1 : value.indexOf("'", first + 1);
  const text = second === -1 ? value : value.slice(second + 1);
  const octets = toOctets(text);
  let to = 0;
  for (let i = 0; i < octets.length; i++) {
    const high = octets[i] === 37 ? hexDigit(octets[i + 1] ?? 0) : -1;
    const low = high < 0 ? -1 : hexDigit(octets[i + 2] ?? 0);
    if (low >= 0) {
      octets[to++] = high * 16 + low;
      i += 2;
    } else octets[to++] = octets[i]!;
  }
  return decodeCharset(octets.subarray(0, to), second === -1 ? '' : value.slice(0, first));
}

/** The file name of a part (RFC 2183 2.3, else the `name` of Content-Type), decoded. */
export function fileName(content: ContentFields): string | undefined {
  for (const [parameters, name] of [
    [content.disposition?.parameters ?? [], 'filename'],
    [content.parameters, 'name'],
  ] as const) {
    const extended = plainParameter(parameters, `${name}*`);
    if (extended !== undefined) return decodeExtendedParameter(`${name}*`, extended);
    const plain = plainParameter(parameters, name);
    if (plain !== undefined) return decodeEncodedWords(plain);
  }
  return undefined;
}

function createTextSink(part: MimePart | undefined, unit: TextUnit, sink: TextSink): BodySink {
  const decode = createTransferDecoder(part?.content.encoding ?? '7bit');
  const charset: CharsetDecoder = createCharsetDecoder(part === undefined ? '' : charsetOf(part.content));
  const html = part?.content.subtype === 'html' ? createHtmlTextDecoder() : undefined;
  const write = (text: string): void => {
    if (text !== '') sink.text(html === undefined ? text : html.push(text));
  };
  sink.begin(unit);
  return {
    push(octets) {
      if (sink.wanted) write(charset.push(decode.push(octets)));
    },
    end() {
      if (!sink.wanted) return;
      write(charset.push(decode.end()));
      write(charset.end());
      if (html !== undefined) sink.text(html.end());
    },
  };
}

function charsetOf(content: ContentFields): string {
  return plainParameter(content.parameters, 'charset') ?? '';
}
