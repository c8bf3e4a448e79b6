/**
 * Who may bring what to the relay. `edge`: the declared upstreams in mode campus, everybody in mode direct; mail for the laboratory and for
 * those it is a spare host of, nothing else. `internal`: machines of the laboratory; mail for anybody, rewritten. A recipient is
 * answered from the directory: 550 5.1.1 for nobody, 451 when it cannot be asked, never a return later.
 */
import type { RcptParameters } from '@vaguemestre/server/codec/smtp/parameters';
import { reply } from '@vaguemestre/server/codec/smtp/reply';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { isLoopback, type Networks } from '@vaguemestre/server/net/address';
import type { Connection } from '@vaguemestre/server/net/connection';
import { SmtpRefusal } from '@vaguemestre/server/smtp/error-replies';
import type { SmtpClient, SmtpPolicy } from '@vaguemestre/server/smtp/policy';
import type { Recipient } from '../queue/message.js';
import type { Router } from '../routing/route.js';
import type { LocalRecipients } from './local-recipient.js';
import { createMessageSink, type MessageSinkParts, type RoutedRecipient, refusalOf } from './message-sink.js';

export interface RelayPolicyParts extends MessageSinkParts {
  readonly router: Router;
  readonly recipients: LocalRecipients;
  readonly upstreams: Networks;
  readonly machines: Networks;
  /** Hosts whose XCLIENT is believed. */
  readonly fronts: Networks;
  /** Told of every message that an upstream begins: what is heard of it. */
  readonly heard: (address: string) => void;
}

export function createRelayPolicy(
  parts: RelayPolicyParts,
  entrance: 'edge' | 'internal',
  connection: Connection,
): SmtpPolicy<RoutedRecipient> {
  const { router, recipients } = parts;
  let from = '';

  return {
    mechanisms: () => [],
    login: async () => {
      throw new MailError('authenticationFailed', 'Authentication failed');
    },
    trusted: parts.fronts.has(connection.peer.address),
    async mail(client, path) {
      if (entrance === 'edge') admitUpstream(parts, client);
      else admitMachine(parts, client);
      // The disk fills: what is outside can wait there (RFC 5321 4.5.4.1), what is inside has nobody to wait with.
      if (entrance === 'edge' && parts.spool.narrow) {
        throw new SmtpRefusal(reply(452, '4.3.1', 'There is little room left, try again later'));
      }
      from = entrance === 'internal' ? (parts.masquerade?.address(path.address) ?? path.address) : path.address;
    },
    async rcpt({ address }, parameters) {
      if (router.isLocal(address)) {
        const found = await recipients.find(address);
        if (found === undefined) throw new MailError('nonexistent', 'No such person here');
        return { ...recipientOf(found, parameters), route: { kind: 'mailbox' } };
      }
      if (entrance === 'edge' && !router.isRelayed(address)) {
        throw new SmtpRefusal(reply(550, '5.7.1', 'This host takes no mail for that domain'));
      }
      const route = router.routeOf(address);
      if (route.kind === 'error') throw refusalOf(route.reply);
      return { ...recipientOf({ address }, parameters), route };
    },
    data: async (transaction) => createMessageSink(parts, entrance, transaction, from),
  };
}

function admitUpstream({ mode, upstreams, heard }: RelayPolicyParts, client: SmtpClient): void {
  const { address } = client;
  const declared = address !== undefined && upstreams.has(address);
  if (declared) heard(address);
  if (declared || mode() === 'direct') return;
  throw new SmtpRefusal(
    reply(554, '5.7.1', 'This host takes mail from its declared upstreams only; use the MX of the domain'),
  );
}

function admitMachine({ machines }: RelayPolicyParts, { address, peer }: SmtpClient): void {
  if (peer.unix || (address !== undefined && (machines.has(address) || (peer.local && isLoopback(address))))) return;
  throw new SmtpRefusal(reply(554, '5.7.1', 'This door is for machines of the laboratory; use submission'));
}

/** RFC 3461 4.2: what was asked for the original address stays with it; a rewritten one is named there (5.2.1). */
function recipientOf(found: Pick<Recipient, 'address' | 'orcpt'>, { notify, orcpt }: RcptParameters): Recipient {
  const original = orcpt ? `${orcpt.type};${orcpt.address}` : found.orcpt;
  return { address: found.address, ...(original !== undefined && { orcpt: original }), ...(notify && { notify }) };
}
