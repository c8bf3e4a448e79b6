/**
 * Header fields of a new message (RFC 5322 2.2, 3; RFC 2047; RFC 2231): each with its CRLF, folded at 78 characters where it can be,
 * never a line over 998 octets. Text beyond ASCII becomes encoded words; addresses keep UTF-8 (RFC 6532). Whatever comes in cannot
 * end a field: controls become spaces.
 */
import { mailDate } from '../smtp/trace-fields.js';
import { encodedWords } from './encoded-word-writer.js';
import type { HeaderAddress, HeaderAddressGroup } from './header-forms.js';

/** RFC 5322 2.1.1. */
const softLimit = 78;
const hardLimit = 990;

/** `name: tokens`, folded between tokens. */
function foldTokens(name: string, tokens: readonly string[]): string {
  let out = `${name}:`;
  let column = out.length;
  for (const token of tokens) {
    const width = Buffer.byteLength(token);
    const breaks = column > name.length + 1 && column + 1 + width > softLimit;
    out += breaks ? `\r\n ${token}` : ` ${token}`;
    const lastLine = token.lastIndexOf('\n');
    column = lastLine >= 0 ? token.length - lastLine - 1 : breaks ? 1 + width : column + 1 + width;
  }
  return `${out}\r\n`;
}

/** Unstructured text (RFC 5322 3.2.5). */
export function textField(name: string, text: string): string {
  const clean = cleaned(text);
  if (!isAscii(clean) || clean.includes('=?') || hasLongWord(clean)) {
    return foldTokens(name, encodedWords(clean, name.length + 2));
  }
  return foldTokens(name, clean.split(' '));
}

export function addressesField(name: string, addresses: readonly HeaderAddress[]): string {
  return foldTokens(name, listTokens(addresses));
}

export function groupsField(name: string, groups: readonly HeaderAddressGroup[]): string {
  const tokens: string[] = [];
  for (const [i, group] of groups.entries()) {
    const last = i === groups.length - 1;
    const members = listTokens(group.addresses);
    if (group.name !== null) {
      tokens.push(`${phrase(group.name)}:`, ...members);
      tokens[tokens.length - 1] += ';';
    } else tokens.push(...members);
    if (!last && tokens.length > 0) tokens[tokens.length - 1] += ',';
  }
  return foldTokens(name, tokens);
}

function listTokens(addresses: readonly HeaderAddress[]): string[] {
  const tokens: string[] = [];
  for (const [i, { name, email }] of addresses.entries()) {
    const comma = i === addresses.length - 1 ? '' : ',';
    if (name === null || name.trim() === '') tokens.push(addrSpec(email) + comma);
    else tokens.push(phrase(name), `<${addrSpec(email)}>${comma}`);
  }
  return tokens;
}

/** `Resent-Reply-To: `: a name may stand first behind it. */
const longestName = 17;

/** A display name (RFC 5322 3.2.5, phrase). */
function phrase(name: string): string {
  const clean = cleaned(name).trim();
  if (!isAscii(clean) || clean.length > 200) return encodedWords(clean, longestName).join('\r\n ');
  if (isPhrase(clean) && !clean.includes('=?')) return clean;
  return quoted(clean);
}

function isPhrase(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isAtomOctet(text.charCodeAt(i)) && text[i] !== ' ') return false;
  return text !== '';
}

function isAtomOctet(c: number): boolean {
  return (
    (c >= 48 && c <= 57) ||
    (c >= 65 && c <= 90) ||
    (c >= 97 && c <= 122) ||
    (c > 32 && c < 127 && "!#$%&'*+-/=?^_`{|}~".includes(String.fromCharCode(c)))
  );
}

function quoted(text: string): string {
  let out = '"';
  for (const character of text) out += character === '"' || character === '\\' ? `\\${character}` : character;
  return `${out}"`;
}

/** An address that cannot be anything but one: what would end it is quoted or left out. */
function addrSpec(email: string): string {
  const clean = withoutControls(email).trim();
  const at = clean.lastIndexOf('@');
  const local = at < 0 ? clean : clean.slice(0, at);
  const domain = at < 0 ? '' : `@${domainText(clean.slice(at + 1))}`;
  if (isDotAtom(local) || (local.length > 1 && local.startsWith('"') && local.endsWith('"') && isQuotedString(local))) {
    return local + domain;
  }
  return quoted(local) + domain;
}

function domainText(domain: string): string {
  let out = '';
  for (const character of domain) if (!' <>(),;"\\@'.includes(character)) out += character;
  return out;
}

/** RFC 5322 3.2.3, RFC 6532 3.2. */
function isDotAtom(text: string): boolean {
  if (text === '' || text.startsWith('.') || text.endsWith('.') || text.includes('..')) return false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 128 && c !== 46 && !isAtomOctet(c)) return false;
  }
  return true;
}

function isQuotedString(text: string): boolean {
  for (let i = 1; i < text.length - 1; i++) {
    if (text[i] === '"') return false;
    if (text[i] === '\\') {
      i += 1;
      if (i >= text.length - 1) return false;
    }
  }
  return true;
}

export function messageIdsField(name: string, ids: readonly string[]): string {
  return foldTokens(
    name,
    ids.map((id) => `<${withoutAngles(id)}>`),
  );
}

export function urlsField(name: string, urls: readonly string[]): string {
  return foldTokens(
    name,
    urls.map((url, i) => `<${withoutAngles(url)}>${i === urls.length - 1 ? '' : ','}`),
  );
}

function withoutAngles(text: string): string {
  let out = '';
  for (const character of withoutControls(text)) if (!' <>'.includes(character)) out += character;
  return out;
}

export function dateField(name: string, ms: number, zoneMinutes: number): string {
  return foldTokens(name, [mailDate(new Date(ms), zoneMinutes)]);
}

/** Content-Type, Content-Disposition and the like; values beyond ASCII or too long in the form of RFC 2231. */
export function parametersField(
  name: string,
  value: string,
  parameters: readonly (readonly [string, string])[],
): string {
  const tokens = [withoutControls(value)];
  for (const [key, text] of parameters) {
    tokens[tokens.length - 1] += ';';
    tokens.push(...parameterTokens(key, withoutControls(text)));
  }
  return foldTokens(name, tokens);
}

/** Characters of one segment: with its name and number it stays on a line. */
const segmentLength = 55;

function parameterTokens(key: string, text: string): string[] {
  if (isAscii(text) && text.length <= segmentLength) return [`${key}=${isToken(text) ? text : quoted(text)}`];
  // RFC 2231 3, 4: the character set is named once, in the first segment. No `%XX` is cut.
  const segments: string[] = [];
  let segment = "utf-8''";
  for (const octet of Buffer.from(text)) {
    const plain = (octet >= 48 && octet <= 57) || (octet >= 65 && octet <= 90) || (octet >= 97 && octet <= 122);
    const next =
      plain || octet === 45 || octet === 46 || octet === 95
        ? String.fromCharCode(octet)
        : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    if (segment.length + next.length > segmentLength) {
      segments.push(segment);
      segment = '';
    }
    segment += next;
  }
  segments.push(segment);
  if (segments.length === 1) return [`${key}*=${segment}`];
  return segments.map((each, i) => `${key}*${i}*=${each}${i === segments.length - 1 ? '' : ';'}`);
}

/** RFC 2045 5.1. */
function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= 32 || c >= 127 || '()<>@,;:\\"/[]?='.includes(text[i]!)) return false;
  }
  return text !== '';
}

/**
 * A value as the client wrote it (RFC 8621 4.1.2.1), behind the colon; undefined when it would end the field, hold what no field
 * may, or be too long for a line.
 */
export function rawField(name: string, value: string): string | undefined {
  const lines = value.split('\r\n');
  for (const [i, line] of lines.entries()) {
    if (line.includes('\r') || line.includes('\n') || line.includes('\0') || Buffer.byteLength(line) > hardLimit)
      return undefined;
    // RFC 5322 2.2.3: what goes on begins with white space, and is not white space alone.
    if (i > 0 && (!(line.startsWith(' ') || line.startsWith('\t')) || line.trim() === '')) return undefined;
  }
  return `${name}:${value}\r\n`;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 126) return false;
  return true;
}

function hasLongWord(text: string): boolean {
  return text.length > hardLimit / 2 && text.split(' ').some((word) => word.length > hardLimit / 2);
}

/** Every control, tab and line end too, is a space. */
function cleaned(text: string): string {
  let out = '';
  for (const character of text) {
    const c = character.codePointAt(0)!;
    out += c < 32 || c === 127 ? ' ' : character;
  }
  return out;
}

function withoutControls(text: string): string {
  let out = '';
  for (const character of text) {
    const c = character.codePointAt(0)!;
    if (c >= 32 && c !== 127) out += character;
  }
  return out;
}
