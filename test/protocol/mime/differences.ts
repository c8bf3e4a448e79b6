/**
 * Why other readers see a message differently than we do: every difference over the corpora must be explained by one of these
 * rules, and every rule must be needed (`differential.test.ts`). A rule looks at what the message says, not at which
 * message it is.
 */
import { isKnownCharset } from '@vaguemestre/server/codec/mime/charset';
import { fieldValue, visitFields } from '@vaguemestre/server/codec/mime/header-fields';
import type { MessageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { plainParameter } from '@vaguemestre/server/codec/mime/parameters';
import type { MimePart } from '@vaguemestre/server/codec/mime/part';
import type { Difference, Oracle } from './oracles.js';

export interface Subject {
  readonly facts: MessageFacts;
  /** All of it as a binary string. */
  readonly text: string;
  /** Unfolded values of the outermost fields of a name. */
  values(field: string): readonly string[];
}

export interface DifferenceRule {
  readonly name: string;
  readonly why: string;
  readonly oracles: readonly Oracle[];
  /** The beginning of the field names it is about. */
  readonly fields: readonly string[];
  explains(difference: Difference, subject: Subject): boolean;
}

export function subjectOf(octets: Buffer, facts: MessageFacts): Subject {
  return {
    facts,
    text: octets.toString('latin1'),
    values(field) {
      const out: string[] = [];
      visitFields(facts.root.header, (name, _start, valueStart, end) => {
        if (name === field) out.push(fieldValue(facts.root.header, valueStart, end));
      });
      return out;
    },
  };
}

const all: readonly Oracle[] = ['wildduck', 'postal-mime', 'mailparser'];
const decoders: readonly Oracle[] = ['postal-mime', 'mailparser'];
const addressFields = ['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'];

const has8bit = (text: string): boolean => /[\x80-\xff]/.test(text);
const json = (value: unknown): string => JSON.stringify(value) ?? '';

/** The values that an address field of ENVELOPE is made of: Sender and Reply-To stand for From. */
function addressValues(subject: Subject, field: string): readonly string[] {
  const own = subject.values(field);
  return own.some((value) => value !== '') || (field !== 'sender' && field !== 'reply-to')
    ? own
    : subject.values('from');
}

const atom = String.raw`[\w!#$%&'*+\-/=?^{|}~\x60]+`;
const quoted = String.raw`"(?:[^"\\()<>@,;:]|\\[^\r\n])*"`;
const dotAtom = String.raw`${atom}(?:\.${atom})*`;
const addrSpec = `${dotAtom}@${dotAtom}`;
const phrase = String.raw`(?:${atom}|${quoted})(?:[ \t]+(?:${atom}|${quoted}))*`;
const mailbox = String.raw`(?:(?:${phrase}[ \t]*)?<${addrSpec}>|${addrSpec}(?:[ \t]+\([^()\\]*\))?)`;
const strictList = new RegExp(String.raw`^${mailbox}(?:[ \t]*,[ \t]*${mailbox})*$`);

/** A plain list of RFC 5322 3.4, without groups, comments in odd places, obsolete syntax and signs in quotes. */
function isPlainList(values: readonly string[]): boolean {
  return values.length <= 1 && values.every((value) => value.length < 10_000 && strictList.test(value));
}

/** All multiparts of a message. */
function multiparts(part: MimePart): MimePart[] {
  return [...(part.kind === 'multipart' ? [part] : []), ...part.children.flatMap(multiparts)];
}

/** Some delimiter needs the small print of RFC 2046 5.1: padding, no close delimiter, the same boundary twice, no line end. */
function hasUnusualDelimiters({ facts, text }: Subject): boolean {
  const boundaries = multiparts(facts.root).map((part) => plainParameter(part.content.parameters, 'boundary') ?? '');
  if (new Set(boundaries).size < boundaries.length) return true;
  return boundaries.some((boundary) => {
    const lines = text.split('\r\n').filter((line) => line.startsWith(`--${boundary}`));
    return !lines.includes(`--${boundary}--`) || lines.some((line) => /[ \t]$/.test(line));
  });
}

const hasBareCr = ({ text }: Subject): boolean => /\r(?!\n)/.test(text);

/** Parameters as the comparison prints them, without those that have no value or no name. */
function withoutEmpty(parameters: unknown): string {
  return String(parameters)
    .split(' ; ')
    .filter((pair) => !pair.endsWith('=') && !pair.startsWith('='))
    .join(' ; ');
}

export const differenceRules: readonly DifferenceRule[] = [
  {
    name: '8-bit header octets',
    why: 'They are undeclared. We read them as UTF-8 where that is valid, else as Windows-1252; the others always as UTF-8, or twice.',
    oracles: all,
    fields: ['subject', 'date', 'message-id', 'in-reply-to', ...addressFields],
    explains: ({ field }, subject) => addressValues(subject, field).some(has8bit),
  },
  {
    name: 'a display name that repeats the address',
    why: 'nodemailer drops it; RFC 9051 7.5.2 wants the name that is there.',
    oracles: all,
    fields: addressFields,
    explains: ({ ours, theirs }) => {
      const dropped = (list: unknown): string =>
        json(list)
          .replace(/"([^" ]+)@([^" ]+)","\1","\2"/g, 'null,"$1","$2"')
          .replace(/"([^ "]+) <\1>"/g, '" <$1>"');
      return dropped(ours).toLowerCase() === json(theirs).toLowerCase() || dropped(ours) === dropped(theirs);
    },
  },
  {
    name: 'addresses outside RFC 5322',
    why: 'Broken or obsolete syntax: each reader saves what it can. Lists that are plain RFC 5322 must be read alike.',
    oracles: all,
    fields: addressFields,
    explains: ({ field }, subject) => !isPlainList(addressValues(subject, field)),
  },
  {
    name: 'encoded words in a local part',
    why: 'RFC 2047 5 (3) forbids them there; the others decode them, or give up the address.',
    oracles: decoders,
    fields: addressFields,
    explains: ({ field }, subject) =>
      addressValues(subject, field).some((value) => /=\?[^\s?]+\?.\?[^\s?]*\?=@/.test(value)),
  },
  {
    name: 'UTF-7',
    why: 'The others do not decode it.',
    oracles: all,
    fields: ['subject', 'text', ...addressFields],
    explains: (_difference, { text }) => /utf-7/i.test(text),
  },
  {
    name: 'Windows-1252 in the name of ISO-8859-1',
    why: 'The Encoding Standard reads both alike; Node 20 loses signs like the trade mark (U+2122).',
    oracles: ['postal-mime', 'mailparser'],
    fields: ['subject', 'text'],
    explains: ({ ours, theirs }) => {
      const western = /[€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/g;
      return (
        String(ours).replace(western, '') ===
        String(theirs)
          .replace(/[\x80-\x9f]/g, '')
          .replace(western, '')
      );
    },
  },
  {
    name: 'a field name folded away from its colon',
    why: 'RFC 5322 4.5 allows blanks before the colon, not a line end; the others join the lines.',
    oracles: all,
    fields: ['subject', 'text', ...addressFields],
    explains: (_difference, { text }) => /^[A-Za-z-]+ *\r\n[ \t]+:/m.test(text),
  },
  {
    name: 'a repeated Subject',
    why: 'The first counts for us; wildduck makes NUL octets of a list.',
    oracles: ['wildduck'],
    fields: ['subject'],
    explains: (_difference, subject) => subject.values('subject').length > 1,
  },
  {
    name: 'years before 1970',
    why: 'RFC 5322 4.3 reads years of three digits, and ours those with a zero before them, from 1900 on.',
    oracles: decoders,
    fields: ['date'],
    explains: ({ theirs }) => typeof theirs === 'number' && theirs < 0,
  },
  {
    name: 'dates that JavaScript cannot read',
    why: 'Zones spelt out, doubled signs, repeated fields: we read the first field as far as it makes sense; mailparser takes today.',
    oracles: decoders,
    fields: ['date'],
    explains: ({ theirs }, subject) => {
      const [first, ...more] = subject.values('date');
      return theirs === undefined || more.length > 0 || first === undefined || Number.isNaN(Date.parse(first));
    },
  },
  {
    name: 'twelve-hour clocks',
    why: 'AM and PM are in no RFC: read as unknown zones.',
    oracles: decoders,
    fields: ['date'],
    explains: (_difference, subject) => subject.values('date').some((value) => / [AP]M\b/i.test(value)),
  },
  {
    name: 'what stands around a message id',
    why: 'Ours is what the brackets hold, without blanks, and nothing where there are none (RFC 5322 3.6.4).',
    oracles: decoders,
    fields: ['message-id'],
    explains: (_difference, subject) => !/^<[^\s<>"]+>$/.test(subject.values('message-id')[0] ?? ''),
  },
  {
    name: 'the default charset',
    why: 'RFC 2045 5.2: a part without Content-Type is text/plain; charset=us-ascii, and we say so.',
    oracles: ['wildduck'],
    fields: ['parameters'],
    explains: ({ ours, theirs }) => ours === 'charset=us-ascii' && theirs === '',
  },
  {
    name: 'words that are no parameters',
    why: 'wildduck lists a semicolon too many, or a word without a value, as a parameter.',
    oracles: ['wildduck'],
    fields: ['parameters', 'disposition parameters'],
    explains: ({ ours, theirs }) => withoutEmpty(ours) === withoutEmpty(theirs),
  },
  {
    name: 'parameter values',
    why: 'We send octets: encoded words as they are, RFC 2231 as name*, quoted pairs undone; wildduck decodes, and leaves backslashes.',
    oracles: ['wildduck'],
    fields: ['parameters', 'disposition parameters'],
    explains: ({ ours, theirs }, { text }) => {
      const both = `${String(ours)}${String(theirs)}`;
      return (
        both.includes('=?') ||
        both.includes('*') ||
        both.includes('\\') ||
        /[^\x20-\x7e]/.test(both) ||
        /name\*|\(/.test(text)
      );
    },
  },
  {
    name: 'a multipart without delimiters',
    why: 'The grammar of IMAP wants a part in it; we show the body as text, wildduck an empty list.',
    oracles: ['wildduck'],
    fields: [
      'kind',
      'type',
      'subtype',
      'encoding',
      'size',
      'lines',
      'parameters',
      'disposition',
      'description',
      'id',
      'md5',
    ],
    explains: ({ field, ours, theirs }) =>
      theirs === '' ||
      theirs === null ||
      (field.startsWith('kind') && /^\["TEXT"/.test(json(ours)) && json(theirs).startsWith('[[]')),
  },
  {
    name: 'delimiters with padding, missing or repeated',
    why: 'RFC 2046 5.1.1: blanks may follow a delimiter, and an outer one ends inner parts; wildduck wants exact lines and close delimiters.',
    oracles: ['wildduck'],
    fields: ['kind', 'children', 'type', 'subtype', 'size', 'lines', 'parameters', 'encoding', 'message'],
    explains: (_difference, subject) => hasUnusualDelimiters(subject),
  },
  {
    name: 'invalid content types',
    why: 'RFC 2045 5.2: text/plain then; wildduck keeps what it reads, or says application/octet-stream.',
    oracles: ['wildduck'],
    fields: ['type', 'subtype', 'message', 'parameters', 'lines'],
    explains: ({ ours, theirs }, subject) =>
      ours === 'text' ||
      ours === 'plain' ||
      /[\s,]/.test(String(theirs)) ||
      (ours === 'charset=us-ascii' && subject.values('content-type').some((value) => !/^[^;]*\//.test(value))),
  },
  {
    name: 'parts of a digest',
    why: 'RFC 2046 5.1.5: they are messages when they do not say.',
    oracles: ['wildduck'],
    fields: ['type', 'subtype'],
    explains: (_difference, { text }) => /multipart\/digest/i.test(text),
  },
  {
    name: 'an encoding with something behind it',
    why: '`8 bit` means 8bit; RFC 2045 6.1: else the first token is the encoding, whatever follows.',
    oracles: ['wildduck'],
    fields: ['encoding'],
    explains: ({ ours, theirs }) =>
      String(theirs).replace(/\s/g, '') === ours || String(theirs).split(/[\s;]/, 1)[0] === ours,
  },
  {
    name: 'a header that a delimiter ends',
    why: 'RFC 2046 5.1.2: an outer delimiter ends whatever is open, a header without its empty line too; wildduck reads on.',
    oracles: ['wildduck'],
    fields: ['kind', 'children', 'type', 'subtype', 'size', 'lines', 'parameters', 'encoding'],
    explains: (_difference, { text }) => /\r\n--[^\r\n]+\r\n(?:[!-9;-~]+:[^\r\n]*\r\n)*--/.test(text),
  },
  {
    name: 'a header with a line of blanks in it',
    why: 'RFC 5322 4.2: such a line is folding, and the header goes on; wildduck ends the header there.',
    oracles: ['wildduck'],
    fields: ['kind', 'children', 'type', 'subtype', 'size', 'lines', 'parameters', 'encoding'],
    explains: (_difference, { text }) => /^[^\n]*(?:\n[^\r\n][^\n]*)*\n[ \t]+\r\n/.test(text),
  },
  {
    name: 'a repeated Content-Type',
    why: 'The first one counts; wildduck takes the last.',
    oracles: ['wildduck'],
    fields: ['kind', 'children', 'type', 'subtype', 'size', 'lines', 'parameters', 'encoding'],
    explains: (_difference, subject) => subject.values('content-type').length > 1,
  },
  {
    name: 'a disposition that is no token',
    why: 'RFC 2183 2.8: unknown ones are attachments to mailparser, even where nothing else is there to show.',
    oracles: ['mailparser'],
    fields: ['text', 'attachment'],
    explains: (_difference, subject) => subject.values('content-disposition').some((value) => /^=\?/.test(value)),
  },
  {
    name: 'encapsulated messages',
    why: 'wildduck looks into none that is encoded or deeper; the decoders undo an encoding that RFC 2046 5.2.1 forbids, and do not count the empty line behind a header as the message.',
    oracles: all,
    fields: [
      'message',
      'type',
      'subtype',
      'size',
      'lines',
      'attachment',
      'children',
      'disposition',
      'parameters',
      'encoding',
    ],
    explains: (_difference, { text }) => /content-type: *message\/rfc822/i.test(text),
  },
  {
    name: 'bare CRs',
    why: 'A lone CR is no line end (invariant 3); wildduck counts it as one.',
    oracles: ['wildduck'],
    fields: ['lines', 'size'],
    explains: (_difference, subject) => hasBareCr(subject),
  },
  {
    name: 'undeclared 8-bit text',
    why: 'Text in US-ASCII, in no charset or an unknown one: we read UTF-8 where it is valid, else Windows-1252; the others have other guesses, or none.',
    oracles: decoders,
    fields: ['text'],
    explains: (_difference, { facts }) => {
      const charset = plainParameter(facts.root.content.parameters, 'charset') ?? 'us-ascii';
      return charset.toLowerCase() === 'us-ascii' || !isKnownCharset(charset);
    },
  },
  {
    name: 'broken sequences of East Asian charsets',
    why: 'The Encoding Standard and iconv go on at different octets, and know different extensions of a charset.',
    oracles: ['mailparser'],
    fields: ['text'],
    explains: (_difference, { facts }) =>
      /^(gb|big5|euc-kr|ks_c|iso-2022|shift_jis)/i.test(plainParameter(facts.root.content.parameters, 'charset') ?? ''),
  },
  {
    name: 'format=flowed',
    why: 'mailparser joins flowed lines and takes their quote signs away (RFC 3676 4); BODY is searched as it stands.',
    oracles: ['mailparser'],
    fields: ['text'],
    explains: (_difference, { facts }) =>
      plainParameter(facts.root.content.parameters, 'format')?.toLowerCase() === 'flowed',
  },
  {
    name: 'a delimiter without a line end',
    why: 'The last line of a message may be one; mailparser takes it for content.',
    oracles: ['mailparser'],
    fields: ['attachment'],
    explains: (_difference, { text }) => !text.endsWith('\n'),
  },
  {
    name: 'faults of wildduck',
    why: 'Deep multiparts end on its stack; a name that is repeated is no string any more.',
    oracles: ['wildduck'],
    fields: ['throws'],
    explains: ({ theirs }) => /Maximum call stack|is not a function/.test(String(theirs)),
  },
];
