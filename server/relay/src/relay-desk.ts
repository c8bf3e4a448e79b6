/** The operator's desk (`outbox/relay-desk.ts`) over the collections of the queue. */

import type { Connection } from '@vaguemestre/server/database/connection';
import type {
  RelayDesk,
  RelayMode,
  TracedDelivery,
  TracedMessage,
  TraceQuery,
} from '@vaguemestre/server/outbox/relay-desk';
import type { DeliveryDocument, MessageDocument } from './database/queue-documents.js';
import { relayDeliveries } from './database/relay-deliveries.js';
import { relayMessages } from './database/relay-messages.js';
import { relayState } from './database/relay-state.js';
import { modeInForce } from './relay-mode.js';

export interface RelayDeskOptions {
  readonly connection: Connection;
  /** As the settings have it. */
  readonly mode: RelayMode;
}

export async function openRelayDesk({ connection, mode }: RelayDeskOptions): Promise<RelayDesk> {
  const messages = relayMessages(connection);
  const deliveries = relayDeliveries(connection);
  const state = relayState(connection);
  await Promise.all([messages.ensureIndexes(), deliveries.ensureIndexes()]);

  const traced = async (found: readonly MessageDocument[]): Promise<readonly TracedMessage[]> => {
    const all = await deliveries.ofMessages(found.map(({ _id }) => _id));
    return found.map((message) =>
      tracedMessage(
        message,
        all.filter(({ m }) => m === message._id),
      ),
    );
  };
  const some = async (ids: readonly string[]): Promise<MessageDocument[]> => {
    const found = await Promise.all(ids.map((id) => messages.get(id)));
    return found.filter((one): one is MessageDocument => one !== undefined);
  };

  return {
    async queue(limit) {
      const waiting = await deliveries.waiting(limit);
      const routes = [...(await deliveries.routes())].map(([route, one]) => ({ route, ...one }));
      const ids = [...new Set(waiting.map(({ m }) => m))];
      return {
        messages: await traced(await some(ids)),
        routes: routes.sort((one, other) => other.waiting - one.waiting),
      };
    },
    async change(what, change) {
      const at = new Date();
      const ended = change === 'drop' ? await deliveries.messagesOf(what) : [];
      const changed = await deliveries.change(what, change, at);
      for (const id of ended) if ((await deliveries.open(id)) === 0) await messages.settle(id, at);
      return changed;
    },
    async trace(query, limit) {
      if (query.id !== undefined) return traced(await some([query.id]));
      return traced(await messages.find(messageQuery(query), limit));
    },
    async mode() {
      return modeInForce(await state.mode(), mode, Date.now());
    },
    setMode: (changed, by, until) => state.setMode({ mode: changed, by, at: new Date(), ...(until && { until }) }),
  };
}

function messageQuery({
  sender,
  recipient,
  subject,
  messageId,
  since,
}: TraceQuery): Parameters<ReturnType<typeof relayMessages>['find']>[0] {
  return {
    ...(sender !== undefined && { sender }),
    ...(recipient !== undefined && { recipient: recipient.toLowerCase() }),
    ...(subject !== undefined && { subject }),
    ...(messageId !== undefined && { messageId: messageId.startsWith('<') ? messageId : `<${messageId}>` }),
    ...(since && { since }),
  };
}

function tracedMessage(message: MessageDocument, deliveries: readonly DeliveryDocument[]): TracedMessage {
  const { about, client } = message;
  const peer = [client.hostName ?? client.helo, client.address && `[${client.address}]`].filter(Boolean).join(' ');
  return {
    id: message._id,
    entrance: message.entrance,
    received: message.created,
    from: message.envelope.from,
    sizeBytes: message.size,
    hops: (about.hopsMs ?? []).map((ms) => new Date(ms)),
    tookMs: message.tookMs,
    deliveries: deliveries.map(tracedDelivery),
    ...(about.subject !== undefined && { subject: about.subject }),
    ...(about.messageId !== undefined && { messageId: about.messageId }),
    ...(peer !== '' && { client: peer }),
  };
}

function tracedDelivery({ route, rcpt, tries, due, held, log, settled }: DeliveryDocument): TracedDelivery {
  const open = settled !== undefined ? 'dropped' : held !== undefined ? 'held' : 'waiting';
  return {
    route,
    tries,
    log,
    recipients: rcpt.map(({ address, state, reply, at }) => ({
      address,
      state: state === 'open' ? open : state,
      ...(reply !== undefined && { reply }),
      ...(at && { at }),
    })),
    ...(due && { due }),
    ...(held !== undefined && { held }),
  };
}
