import type { MailboxId, MessageId, ModSeq } from '../../kernel/ids.js';
import type { AppendItem, AppendResult } from '../account.js';
import type { Command } from '../draft.js';
import { seenBit } from '../flags.js';
import type { StagedForAccount } from '../incoming-message.js';
import type { Op } from '../log-entry.js';
import { messageDocument } from '../message-document.js';
import { signatureDocument } from '../signature-document.js';

export interface StagedItem {
  readonly staged: StagedForAccount;
  readonly item: AppendItem;
}

/** APPEND and MULTIAPPEND: one entry, all or nothing (RFC 3502). */
export function appendCommand(
  account: string,
  mailbox: MailboxId,
  items: readonly StagedItem[],
  options: { readonly by: string; readonly nowSeconds: number; readonly quotaBytes: number | undefined },
): Command<AppendResult> {
  const dates = items.map(({ item }) => storableDate(item.date ?? options.nowSeconds));
  const messages = items.map(({ staged }, i) =>
    messageDocument(staged, { account, id: staged.id, thread: staged.thread, box: mailbox, date: dates[i]! }),
  );
  const signatures = items.map(({ staged }) => signatureDocument(staged.facts, { account, id: staged.id }));
  return {
    by: options.by,
    supports: { contents: items.map(({ staged }) => staged.document), messages, signatures, segments: [] },
    bytes: items.reduce((sum, { staged }) => sum + staged.document.b.length + 4096, 0),
    columns: [],
    run(entry) {
      const box = entry.box(mailbox);
      entry.checkQuota(
        items.reduce((sum, { staged }) => sum + staged.size, 0),
        options.quotaBytes,
      );
      const uids: number[] = [];
      for (const [i, { staged, item }] of items.entries()) {
        const uid = entry.takeUids(mailbox, 1);
        const words = entry.flagWords(item.flags);
        const seen = (words[0] & seenBit) !== 0;
        entry.ops.push(
          addOp({
            box: mailbox,
            uid,
            id: Buffer.from(staged.id, 'hex'),
            size: staged.size,
            date: dates[i]!,
            words,
            thread: staged.thread,
            slot: entry.takeSlot(mailbox),
            uidl: item.uidl,
          }),
        );
        entry.countAdded(mailbox, 1, seen ? 0 : 1, 0, staged.size);
        uids.push(uid);
      }
      return {
        uidValidity: box.uv,
        uids,
        ids: items.map(({ staged }) => staged.id as MessageId),
        modseq: entry.n as ModSeq,
      };
    },
  };
}

/** The column holds seconds from 1970 to 2106; a client's date beyond is moved to the nearest one that can be kept. */
export function storableDate(seconds: number): number {
  return Math.min(Math.max(0, Math.floor(seconds)), 0xffffffff);
}

interface Added {
  readonly box: string;
  readonly uid: number;
  readonly id: Uint8Array;
  readonly size: number;
  readonly date: number;
  readonly words: readonly [number, number, number, number];
  readonly thread: Uint8Array;
  readonly slot: number;
  readonly uidl: string | undefined;
}

export function addOp({ words, uidl, ...rest }: Added): Op {
  const [flags, ...kw] = words;
  return {
    o: 'add',
    ...rest,
    flags,
    ...(kw.some((word) => word !== 0) ? { kw } : {}),
    ...(uidl === undefined ? {} : { uidl }),
  };
}
