/** Random commands on an account, and how each is run on a handle and on the model. */
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { Account } from '@vaguemestre/server/mailstore/account';
import fc from 'fast-check';
import { letter, stageMessage } from '../../harness/store-messages.js';
import type { AccountModel, Answer, ModelError } from '../mailbox-model.js';

export type RandomCommand =
  | { readonly kind: 'append'; readonly box: string; readonly flags: readonly (readonly string[])[] }
  | {
      readonly kind: 'store';
      readonly box: string;
      readonly uids: readonly number[];
      readonly mode: 'add' | 'remove' | 'replace';
      readonly flags: readonly string[];
    }
  | { readonly kind: 'expunge'; readonly box: string; readonly uids: readonly number[] | undefined }
  | {
      readonly kind: 'copy';
      readonly from: string;
      readonly uids: readonly number[];
      readonly to: string;
      readonly move: boolean;
    }
  | { readonly kind: 'create' | 'delete'; readonly box: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'subscribe'; readonly box: string; readonly on: boolean };

export const modelPaths = ['INBOX', 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash'];
const flagNames = ['\\Seen', '\\Deleted', '\\Flagged', '\\Answered', '$Label1', 'Travail', ...many('kw', 30)];

function many(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

const box = fc.constantFrom('INBOX', 'INBOX', 'INBOX', 'Archive', 'Trash', 'a', 'a/b', 'a/b/c', 'd');
const flags = fc.oneof(
  { weight: 3, arbitrary: fc.subarray(['\\Seen', '\\Deleted', '\\Flagged'], { minLength: 1 }) },
  { weight: 1, arbitrary: fc.subarray(flagNames, { maxLength: 3 }) },
);
const uids = fc
  .uniqueArray(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 12 })
  .map((list) => list.sort((x, y) => x - y));

export const randomCommand: fc.Arbitrary<RandomCommand> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      box,
      flags: fc.array(flags, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('store' as const),
      box,
      uids,
      mode: fc.constantFrom('add' as const, 'remove' as const, 'replace' as const),
      flags,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('expunge' as const), box, uids: fc.option(uids, { nil: undefined }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('copy' as const), from: box, uids, to: box, move: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('create' as const, 'delete' as const), box }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), from: box, to: box }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), box, on: fc.boolean() }) },
);

const testLetter = letter('x', 'y\r\n');

export function runOnModel(model: AccountModel, command: RandomCommand): Answer {
  switch (command.kind) {
    case 'append':
      return model.append(
        command.box,
        command.flags.map((names) => ({ size: testLetter.length, flags: names })),
      );
    case 'store':
      return model.store(command.box, command.uids, command.mode, command.flags);
    case 'expunge':
      return model.expunge(command.box, command.uids);
    case 'copy':
      return model.copy(command.from, command.uids, command.to, command.move);
    case 'create':
      return model.create(command.box);
    case 'delete':
      return model.delete(command.box);
    case 'rename':
      return model.rename(command.from, command.to);
    case 'subscribe':
      return model.subscribe(command.box, command.on);
  }
}

export async function runOnAccount(account: Account, command: RandomCommand): Promise<Answer> {
  try {
    return { value: await run(account, command) };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    return { error: error.code as ModelError };
  }
}

async function run(account: Account, command: RandomCommand): Promise<unknown> {
  const idOf = (path: string): NonNullable<ReturnType<Account['mailbox']>>['id'] => {
    const info = account.mailbox(path);
    if (info === undefined) throw new MailError('nonexistent', 'The mailbox does not exist');
    return info.id;
  };
  switch (command.kind) {
    case 'append': {
      const items = [];
      for (const names of command.flags) items.push({ message: await stageMessage(account, testLetter), flags: names });
      return (await account.append(idOf(command.box), items)).uids;
    }
    case 'store': {
      const change = { uids: Uint32Array.from(command.uids), mode: command.mode, flags: command.flags };
      return [...(await account.storeFlags(idOf(command.box), change)).changed];
    }
    case 'expunge': {
      const some = command.uids === undefined ? undefined : Uint32Array.from(command.uids);
      return [...(await account.expunge(idOf(command.box), some)).uids];
    }
    case 'copy': {
      const [from, to] = [idOf(command.from), idOf(command.to)];
      const result = await account[command.move ? 'move' : 'copy'](from, Uint32Array.from(command.uids), to);
      return [[...result.sourceUids], [...result.targetUids]];
    }
    case 'create':
      await account.create(command.box);
      return undefined;
    case 'delete':
      return account.delete(command.box);
    case 'rename':
      return account.rename(command.from, command.to);
    case 'subscribe':
      return account.subscribe(command.box, command.on);
  }
}
