import { flagNames } from '@vaguemestre/server/admin/export/export-mail';
import type { Account } from '@vaguemestre/server/mailstore/account';

/** All that an account holds, as plain values to compare. */
export interface HeldMessage {
  readonly octets: string;
  readonly flags: readonly string[];
  readonly date: number;
}

export async function everythingIn(account: Account): Promise<Record<string, HeldMessage[]>> {
  await account.refresh();
  const all: Record<string, HeldMessage[]> = {};
  for (const { id, path } of account.mailboxes()) {
    const cursor = await account.open(id);
    const { view } = cursor;
    await view.load(['date']);
    const messages: HeldMessage[] = [];
    const indexes = Uint32Array.from({ length: view.count }, (_, i) => i);
    for await (const message of account.readContents(view, indexes)) {
      const pieces = [message.prefix, message.first];
      for await (const piece of message.rest()) pieces.push(piece);
      messages.push({
        octets: Buffer.concat(pieces).toString('latin1'),
        flags: flagNames(view.flagsAt(message.index), account.keywords).sort(),
        date: view.dateAt(message.index),
      });
    }
    cursor.close();
    all[path] = messages;
  }
  return all;
}

export async function put(
  account: Account,
  path: string,
  octets: Buffer | string,
  flags: readonly string[] = [],
  date = 1_772_438_400,
): Promise<void> {
  const info = account.mailbox(path) ?? (await account.create(path));
  const incoming = account.receive({ maxBytes: 100_000_000 });
  await incoming.write(Buffer.from(octets));
  await account.append(info.id, [{ message: await incoming.finish(), flags, date }]);
}

/** Sixteen messages with everything that hurts: stuffing, no final line end, lone CR, NUL, 8 bit, long, large, awkward names and flags. */
export async function putAwkward(account: Account): Promise<void> {
  const head = 'Subject: x\r\n\r\n';
  await put(
    account,
    'INBOX',
    `${head}From here\r\n>From there\r\n\r\nFrom a Mon Mar  2 08:00:00 2026\r\n`,
    ['\\Seen'],
    1,
  );
  await put(account, 'INBOX', `${head}no line end`, ['\\Flagged', '$Forwarded', 'projet'], 2_000_000_000);
  await put(account, 'INBOX', `${head}lone\rcr \0 nul\r\r\n\r\n\r\n`, ['\\Answered', '\\Draft', '\\Deleted']);
  await put(account, 'INBOX', Buffer.from(`${head}\xe9\xff${'x'.repeat(5000)}\r\n`, 'latin1'), ['Urgent']);
  await put(account, 'INBOX', 'no header at all');
  await put(account, 'INBOX', `${head}X-Vaguemestre-Mbox: lines=4 date=1 end=lf\r\n`);
  await put(account, 'INBOX', `X-Vaguemestre-Mbox: lines=2 date=1 end=lf\r\nStatus: RO\r\n${head}`);
  await put(account, 'Sent', `${head}${'0123456789\r\n'.repeat(250_000)}From the end`, ['\\Seen']);
  for (const path of ['Été/R&D/v1.2', 'cur/new', 'a.b', 'a_b', 'Été', '.hidden', 'Envoyés 💌', 'sp ace']) {
    await put(account, path, `Subject: ${path.length}\r\n\r\nhello\r\n`, [`k${path.length}`]);
  }
  await account.create('Empty');
  await account.subscribe('Été/R&D/v1.2', true);
  await account.subscribe('Empty', false);
}
