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
