/**
 * The header of a message on its way through the relay, as a pure function. From outside: our own marks and the words of foreign
 * filters go, whoever wrote them (upstream filtering is not to be trusted, and ours is not to be forged); nothing else changes. From
 * machines of the laboratory: masquerading, and Date and Message-ID when they are missing (RFC 6409 8). Hops are counted.
 */
import { decodeEncodedWords } from '@vaguemestre/server/codec/mime/encoded-words';
import { type BinaryString, fieldValue, visitFields } from '@vaguemestre/server/codec/mime/header-fields';
import { outgoingHeader } from '@vaguemestre/server/codec/mime/outgoing-header';
import type { About } from '../spool/spool-record.js';
import type { Masquerade } from './masquerade.js';

export interface HeaderIntake {
  readonly header: BinaryString;
  readonly about: About;
  /** Received fields. */
  readonly hops: number;
  /** Of those: written by this relay. */
  readonly ownHops: number;
}

export interface HeaderRules {
  /** Ours, in Received fields and in Authentication-Results. */
  readonly hostname: string;
  readonly authservId: string | undefined;
  /** For machines of the laboratory; undefined: what comes from outside is not rewritten. */
  readonly complete?: {
    readonly masquerade: Masquerade | undefined;
    readonly date: Date;
    readonly messageId: string;
  };
}

const maxHopTimes = 30;

export function takeHeader(head: BinaryString, rules: HeaderRules): HeaderIntake {
  const { complete } = rules;
  const stripped = complete === undefined ? withoutForeignMarks(head, rules) : head;
  const header =
    complete === undefined
      ? stripped
      : outgoingHeader(complete.masquerade?.header(withoutForeignMarks(stripped, rules)) ?? stripped, complete);
  return { header, ...readTrace(header, rules.hostname) };
}

function withoutForeignMarks(head: BinaryString, { authservId, hostname }: HeaderRules): BinaryString {
  const ours = new Set([authservId?.toLowerCase(), hostname.toLowerCase()]);
  let out = '';
  let from = 0;
  visitFields(head, (name, start, valueStart, end) => {
    if (!isMark(name) && !(name === 'authentication-results' && ours.has(authserv(head, valueStart, end)))) return;
    out += head.slice(from, start);
    from = end;
  });
  return out + head.slice(from);
}

/** RFC 8601 5: a border removes results that claim to be its own. */
function authserv(head: BinaryString, valueStart: number, end: number): string {
  const value = fieldValue(head, valueStart, Math.min(end, valueStart + 500));
  const semicolon = value.indexOf(';');
  const words = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().split(/[\s(]/, 1);
  return (words[0] ?? '').toLowerCase();
}

const isMark = (name: string): boolean =>
  name.startsWith('x-vaguemestre-') || name.startsWith('x-spam') || name.startsWith('x-virus');

function readTrace(header: BinaryString, hostname: string): Omit<HeaderIntake, 'header'> {
  let hops = 0;
  let ownHops = 0;
  const hopsMs: number[] = [];
  let messageId: string | undefined;
  let subject: string | undefined;
  let from: string | undefined;
  const by = new RegExp(`\\bby ${hostname.replaceAll('.', '\\.')}[ ;\\r\\n]`, 'i');
  visitFields(header, (name, _start, valueStart, end) => {
    if (name === 'received') {
      hops++;
      const value = header.slice(valueStart, Math.min(end, valueStart + 2_000));
      if (by.test(value)) ownHops++;
      const atMs = Date.parse(fieldValue(value, value.lastIndexOf(';') + 1, value.length).replace(/\(.*$/, ''));
      if (hops <= maxHopTimes && Number.isFinite(atMs)) hopsMs.unshift(atMs);
    } else if (name === 'message-id') messageId ??= short(fieldValue(header, valueStart, end));
    else if (name === 'subject') subject ??= short(decodeEncodedWords(fieldValue(header, valueStart, end)));
    else if (name === 'from') from ??= short(decodeEncodedWords(fieldValue(header, valueStart, end)));
  });
  return {
    hops,
    ownHops,
    about: {
      ...(messageId !== undefined && { messageId }),
      ...(subject !== undefined && { subject }),
      ...(from !== undefined && { from }),
      ...(hopsMs.length > 0 && { hopsMs }),
    },
  };
}

/** One line, for people. */
function short(text: string): string {
  let clean = '';
  for (const character of text.slice(0, 300)) clean += character < ' ' || character === '\x7f' ? ' ' : character;
  return clean.trim();
}
