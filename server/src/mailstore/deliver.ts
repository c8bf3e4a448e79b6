import { randomBytes } from 'node:crypto';
import type { CommitOutcome } from '../database/commits.js';
import { newObjectId } from '../database/contents.js';
import type { MailDatabase } from '../database/database.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import type { AccountView } from './account-view.js';
import type { CommitQueue, Hold } from './commit-queue.js';
import type { Delivery, DeliveryOptions, DeliveryOutcome, DeliveryRecipient } from './delivery.js';
import { deliveryId } from './delivery-id.js';
import type { Command } from './draft.js';
import { receiveContent, type StagedContent } from './incoming-message.js';
import { messageDocument } from './message-document.js';
import { deliverCommand, targetBox } from './operations/deliver.js';
import { signatureDocument } from './signature-document.js';
import { findThreads } from './threads.js';

export interface DeliveryContext {
  readonly database: MailDatabase;
  readonly clock: Clock;
  /** View and queue of an account; `done` gives them back. MailError nonexistent, unavailable. */
  use(account: AccountId): Promise<OpenAccount>;
}

export interface OpenAccount {
  readonly view: AccountView;
  readonly queue: CommitQueue;
  done(): void;
}

/** Store design section 13: a shared content has at most this many owners; more recipients get another. */
const maxOwners = 1_000;
/** Accounts whose views are loaded at the same time. */
const loadsAtOnce = 8;

/** A delivery to one or many (contract: delivery.ts). */
export function beginDelivery(
  context: DeliveryContext,
  recipients: readonly DeliveryRecipient[],
  options: DeliveryOptions,
): Delivery {
  const accounts = [...new Set(recipients.map((recipient) => recipient.account))];
  if (accounts.length === 0 || accounts.length > maxOwners) {
    throw new MailError('limit', 'A delivery goes to between one and a thousand mailboxes');
  }
  const shared = recipients.length > 1;
  const id = newObjectId();
  const receiver = receiveContent(context.database.contents, {
    id: shared ? `~${randomBytes(4).toString('hex')}/${id}` : `${accounts[0]!}/${id}`,
    ...(shared ? { owners: accounts } : {}),
    maxBytes: options.maxBytes,
    nowMs: () => context.clock.nowMs(),
  });
  return {
    write: (chunk) => receiver.write(chunk),
    async commit() {
      const content = await receiver.finish();
      const loaded = await loadQueues(context, recipients);
      try {
        const threads = await findThreads(context.database.messages, accounts, content.facts);
        const date = Math.floor(context.clock.nowMs() / 1000);
        const parcels = recipients.map((recipient, i): Parcel => {
          const target = loaded[i]!;
          if (target.kind === 'refused') return target;
          const command = commandFor(recipient, content, {
            messageId: i === 0 ? id : newObjectId(),
            thread: threads.get(recipient.account)!,
            box: targetBox(target.view.state, recipient),
            date,
            envid: options.envid,
            withContent: !shared,
          });
          return { kind: 'ready', account: recipient.account, queue: target.queue, command };
        });
        if (shared) return await deliverToMany(context, parcels, content);
        return await Promise.all(parcels.map(deliverOne));
      } finally {
        for (const target of loaded) if (target.kind === 'ready') target.done();
      }
    },
    abort: () => receiver.abort(),
  };
}

type Refused = { readonly kind: 'refused'; readonly error: MailError };

/** One recipient's copy on its way. */
type Parcel =
  | Refused
  | {
      readonly kind: 'ready';
      readonly account: AccountId;
      readonly queue: CommitQueue;
      readonly command: Command<DeliveryOutcome>;
    };

interface Particulars {
  readonly messageId: string;
  readonly thread: Uint8Array;
  /** Where it goes as far as is known now; the commit decides. */
  readonly box: string;
  readonly date: number;
  readonly envid: string | undefined;
  readonly withContent: boolean;
}

function commandFor(
  recipient: DeliveryRecipient,
  content: StagedContent,
  { messageId, thread, box, date, envid, withContent }: Particulars,
): Command<DeliveryOutcome> {
  const message = messageDocument(content, {
    account: recipient.account,
    id: messageId,
    thread,
    box,
    date,
    prefix: recipient.prefix,
  });
  const signature = signatureDocument(content.facts, {
    account: recipient.account,
    id: messageId,
    prefix: recipient.prefix,
  });
  return deliverCommand({
    recipient,
    messageId,
    thread,
    size: message.size,
    date,
    deliveryId: envid === undefined ? undefined : deliveryId(envid, recipient.account, content.document.sha256),
    supports: {
      contents: withContent ? [content.document] : [],
      messages: [message],
      signatures: [signature],
      segments: [],
    },
    supportBytes: content.document.b.length + 4096,
  });
}

async function deliverOne(parcel: Parcel): Promise<DeliveryOutcome> {
  if (parcel.kind === 'refused') return parcel;
  try {
    return await parcel.queue.commit(parcel.command);
  } catch (error) {
    return refusal(error);
  }
}

/**
 * Store design section 2, several accounts: content and messages first, acknowledged; then one unordered insert of the
 * entries of those accounts whose queue is idle; the others go through their own queues. Nobody waits for one queue while
 * holding another. Each account wins or loses on its own.
 */
async function deliverToMany(
  context: DeliveryContext,
  parcels: readonly Parcel[],
  content: StagedContent,
): Promise<readonly DeliveryOutcome[]> {
  const ready = parcels.flatMap((parcel) => (parcel.kind === 'ready' ? [parcel.command.supports] : []));
  if (ready.length > 0) {
    await context.database.commits.writeSupports({
      contents: [content.document],
      messages: ready.flatMap((supports) => supports.messages),
      signatures: ready.flatMap((supports) => supports.signatures),
      segments: [],
    });
  }
  const outcomes: Promise<DeliveryOutcome>[] = [];
  const held: Hold[] = [];
  const seen = new Set<string>();
  for (const parcel of parcels) {
    if (parcel.kind === 'refused') {
      outcomes.push(Promise.resolve(parcel));
      continue;
    }
    const { account, queue, command } = parcel;
    // Never two entries of one account in an unordered insert: the second could stand on a first that lost.
    const hold = seen.has(account) ? undefined : holding(queue, command, outcomes);
    seen.add(account);
    if (hold !== undefined) held.push(hold);
    else outcomes.push(queue.commit(command, { supportsWritten: true }).catch(refusal));
  }
  await settleTogether(context, held);
  return Promise.all(outcomes);
}

function holding(
  queue: CommitQueue,
  command: Command<DeliveryOutcome>,
  outcomes: Promise<DeliveryOutcome>[],
): Hold | undefined {
  let answer: (outcome: DeliveryOutcome) => void = () => undefined;
  const outcome = new Promise<DeliveryOutcome>((resolve) => {
    answer = resolve;
  });
  const hold = queue.hold(command, answer, (error) => answer(refusal(error)));
  if (hold !== undefined) outcomes.push(outcome);
  return hold;
}

async function settleTogether(context: DeliveryContext, held: readonly Hold[]): Promise<void> {
  const entries = held.flatMap((hold) => (hold.entry === undefined ? [] : [hold.entry]));
  const written = entries.length === 0 ? [] : await context.database.commits.insertEntryOfEach(entries);
  let next = 0;
  const nothing: CommitOutcome = { kind: 'committed' };
  await Promise.all(held.map((hold) => hold.settle(hold.entry === undefined ? nothing : written[next++]!)));
}

type Loaded = Refused | ({ readonly kind: 'ready' } & OpenAccount);

async function loadQueues(context: DeliveryContext, recipients: readonly DeliveryRecipient[]): Promise<Loaded[]> {
  const loaded: Loaded[] = new Array(recipients.length);
  let next = 0;
  async function loadSome(): Promise<void> {
    for (let i = next++; i < recipients.length; i = next++) {
      try {
        loaded[i] = { kind: 'ready', ...(await context.use(recipients[i]!.account)) };
      } catch (error) {
        loaded[i] = refusal(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(loadsAtOnce, recipients.length) }, loadSome));
  return loaded;
}

function refusal(error: unknown): Refused {
  if (error instanceof MailError) return { kind: 'refused', error };
  return {
    kind: 'refused',
    error: new MailError('internal', 'The message could not be stored', { cause: error, temporary: true }),
  };
}
