import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newPassword, type People } from '../../auth/people.js';
import { addDays, dayAt, endOfDay, type TimeZone } from '../../kernel/calendar.js';
import { MailError } from '../../kernel/errors.js';
import type { Account, AppendItem } from '../../mailstore/account.js';
import type { Mailstore } from '../../mailstore/mailstore.js';
import { cast, type DemoPerson } from './cast.js';
import { type Placed, writeCorrespondence } from './correspondence.js';

/**
 * Fills an empty service with a demonstration laboratory: a dozen people over the roles and 2,000 messages of our own
 * writing. Done once for a data folder; what an interruption left is finished at the next start, and what somebody deleted
 * afterwards stays deleted. All of its people have one password, made here and kept in `demo.json` beside the data.
 */
export interface Demo {
  readonly password: string;
  readonly people: readonly { readonly address: string; readonly shows: string }[];
  /** Was filled by this call. */
  readonly filled: boolean;
}

export interface DemoParts {
  readonly people: People;
  readonly mailstore: Mailstore;
  readonly folder: string;
  readonly domain: string;
  readonly timeZone: TimeZone;
  readonly onProgress?: (messages: number, total: number) => void;
}

export const demoMessages = 2_000;
const batchMessages = 50;

interface DemoState {
  readonly password: string;
  readonly startedMs: number;
  readonly done: boolean;
}

export async function fillDemo(parts: DemoParts): Promise<Demo> {
  const file = join(parts.folder, 'demo.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoState) : undefined;
  const state: DemoState = known ?? { password: newPassword(), startedMs: Date.now(), done: false };
  const people = cast.map(({ local, shows }) => ({ address: `${local}@${parts.domain}`, shows }));
  if (state.done) return { password: state.password, people, filled: false };
  writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  // Sponsors first: they are looked up.
  const independent = cast.filter(({ is }) => is.sponsor === undefined);
  await Promise.all(independent.map((one) => ensurePerson(parts, one, state)));
  const sponsored = cast.filter(({ is }) => is.sponsor !== undefined);
  await Promise.all(sponsored.map((one) => ensurePerson(parts, one, state)));
  await fillMailboxes(parts, writeCorrespondence(demoMessages, parts.domain, state.startedMs));
  await fillQuota(parts);
  writeFileSync(file, JSON.stringify({ ...state, done: true }), { mode: 0o600 });
  return { password: state.password, people, filled: true };
}

async function ensurePerson({ people, domain, timeZone }: DemoParts, one: DemoPerson, state: DemoState): Promise<void> {
  const { expiresInDays, ...is } = one.is;
  const lastDay = addDays(dayAt(state.startedMs, timeZone), expiresInDays ?? 0);
  const expires = expiresInDays === undefined ? {} : { expires: new Date(endOfDay(lastDay, timeZone)) };
  try {
    await people.add({
      ...is,
      ...expires,
      address: `${one.local}@${domain}`,
      name: one.name,
      lang: one.lang,
      password: Buffer.from(state.password),
    });
  } catch (error) {
    if (!(error instanceof MailError) || error.code !== 'alreadyExists') throw error;
  }
}

async function fillMailboxes(
  { people, mailstore, domain, onProgress }: DemoParts,
  all: readonly Placed[],
): Promise<void> {
  let written = 0;
  // A person is an account, and accounts do not wait for each other.
  const fillPerson = async (owner: DemoPerson): Promise<void> => {
    const person = await people.find(`${owner.local}@${domain}`);
    const account = await mailstore.openAccount(person._id, { by: 'demo' });
    try {
      for (const path of owner.folders) await ensureFolder(account, path);
      for (const [path, messages] of byMailbox(account, owner, all)) {
        await fillMailbox(account, path, messages);
        written += messages.length;
        onProgress?.(written, all.length);
      }
    } finally {
      account.release();
    }
  };
  await Promise.all(cast.map(fillPerson));
}

async function ensureFolder(account: Account, path: string): Promise<void> {
  const levels = path.split('/');
  for (let depth = 1; depth <= levels.length; depth++) {
    const name = levels.slice(0, depth).join('/');
    if (account.mailbox(name) === undefined) await account.create(name);
    await account.subscribe(name, true);
  }
}

function byMailbox(account: Account, owner: DemoPerson, all: readonly Placed[]): ReadonlyMap<string, Placed[]> {
  const boxes = new Map<string, Placed[]>();
  for (const placed of all) {
    if (placed.owner !== owner) continue;
    const { where } = placed;
    const path = 'path' in where ? where.path : (account.mailboxByRole(where.role)?.path ?? 'INBOX');
    const box = boxes.get(path) ?? [];
    box.push(placed);
    boxes.set(path, box);
  }
  return boxes;
}

/** In order, so the number of messages that are there says how far an interrupted filling came. */
async function fillMailbox(account: Account, path: string, messages: readonly Placed[]): Promise<void> {
  const box = account.mailbox(path);
  if (box === undefined) throw new MailError('nonexistent', `the mailbox ${path} is missing`);
  for (let from = box.exists; from < messages.length; from += batchMessages) {
    const batch = messages.slice(from, from + batchMessages);
    await account.append(box.id, await Promise.all(batch.map((one) => stage(account, one))));
  }
}

async function stage(account: Account, { octets, dateMs, flags }: Placed): Promise<AppendItem> {
  const incoming = account.receive({ maxBytes: octets.length + 1 });
  await incoming.write(octets);
  return { message: await incoming.finish(), flags, date: Math.floor(dateMs / 1000) };
}

/** One mailbox that is full: the next message to it is told so. */
async function fillQuota({ people, mailstore, domain }: DemoParts): Promise<void> {
  const address = `nadia.costa@${domain}`;
  const account = await mailstore.openAccount((await people.find(address))._id, { by: 'demo' });
  const { usedBytes } = account.quota();
  account.release();
  await people.update(address, { quota: usedBytes });
}

/** What `serve --demo` prints below the table of addresses. */
export function demoText({ password, people }: Demo): string {
  const width = Math.max(...people.map(({ address }) => address.length));
  const rows = people.map(({ address, shows }) => `    ${address.padEnd(width)}  ${shows}`);
  return `\n  Demonstration laboratory; everybody's password is ${password}\n${rows.join('\n')}\n\n`;
}
