/**
 * Updates of an Email (RFC 8621 4.6, RFC 8620 5.3): keywords and mailboxes, as a whole or one by one. One by one they stay relative,
 * so that two clients who mark the same message do not undo each other.
 */
import type { MailboxId } from '../../../kernel/ids.js';
import type { EmailUpdate, FlagPatch, MailboxPatch } from '../../../mailstore/email-set.js';
import type { JsonObject } from '../method.js';
import { pointerTokens } from '../references.js';
import { invalidProperties, SetFailure } from '../standard/set-failure.js';
import { isObject } from '../values.js';
import { flagOf, isKeyword, isKeywords } from './keywords.js';

export interface ReadPatch {
  readonly update: EmailUpdate;
  /** Other properties that a whole object brought along: they must be as they are. */
  readonly unchanged: JsonObject;
}

/** SetFailure invalidPatch, invalidProperties. */
export function readEmailPatch(id: string, patch: JsonObject, realId: (id: string) => string): ReadPatch {
  const keywords = new Map<string, unknown>();
  const mailboxes = new Map<string, unknown>();
  let allKeywords: unknown;
  let allMailboxes: unknown;
  const unchanged: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(patch)) {
    const [first, second, ...rest] = pointerTokens(`/${path}`) ?? [];
    if (rest.length > 0) throw invalidPatch(path);
    if (first === 'keywords' && second !== undefined) keywords.set(second, value);
    else if (first === 'mailboxIds' && second !== undefined) mailboxes.set(second, value);
    else if (second !== undefined) throw invalidPatch(path);
    else if (first === 'keywords') allKeywords = value ?? {};
    else if (first === 'mailboxIds') allMailboxes = value;
    else unchanged[path] = value;
  }
  // RFC 8620 5.3: no patch inside of another.
  if (allKeywords !== undefined && keywords.size > 0) throw invalidPatch('keywords');
  if (allMailboxes !== undefined && mailboxes.size > 0) throw invalidPatch('mailboxIds');
  const flags = allKeywords === undefined ? flagPatch(keywords) : wholeFlags(allKeywords);
  const places = allMailboxes === undefined ? mailboxPatch(mailboxes, realId) : wholeMailboxes(allMailboxes, realId);
  return {
    update: {
      id,
      ...(flags === undefined ? {} : { flags }),
      ...(places === undefined ? {} : { mailboxes: places }),
    },
    unchanged,
  };
}

function wholeFlags(value: unknown): FlagPatch {
  if (!isKeywords(value)) throw invalidProperties(['keywords'], 'keywords are names with the value true');
  return { on: Object.keys(value).map(flagOf), off: 'all' };
}

function flagPatch(patch: ReadonlyMap<string, unknown>): FlagPatch | undefined {
  if (patch.size === 0) return undefined;
  const on: string[] = [];
  const off: string[] = [];
  for (const [keyword, value] of patch) {
    if (!isKeyword(keyword) || !(value === true || value === null)) {
      throw invalidProperties([`keywords/${keyword}`], 'a keyword is set with true and taken away with null');
    }
    (value === true ? on : off).push(flagOf(keyword));
  }
  return { on, off };
}

function wholeMailboxes(value: unknown, realId: (id: string) => string): MailboxPatch {
  if (!isObject(value) || Object.values(value).some((is) => is !== true)) {
    throw invalidProperties(['mailboxIds'], 'mailboxIds are ids with the value true');
  }
  return { kind: 'replace', mailboxes: Object.keys(value).map((id) => realId(id) as MailboxId) };
}

function mailboxPatch(patch: ReadonlyMap<string, unknown>, realId: (id: string) => string): MailboxPatch | undefined {
  if (patch.size === 0) return undefined;
  const add: MailboxId[] = [];
  const remove: MailboxId[] = [];
  for (const [id, value] of patch) {
    if (!(value === true || value === null)) {
      throw invalidProperties([`mailboxIds/${id}`], 'a mailbox is added with true and taken away with null');
    }
    (value === true ? add : remove).push(realId(id) as MailboxId);
  }
  return { kind: 'patch', add, remove };
}

function invalidPatch(path: string): SetFailure {
  return new SetFailure({ type: 'invalidPatch', description: `${path.slice(0, 200)} cannot be patched so` });
}
