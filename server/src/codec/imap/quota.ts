/** GETQUOTA and SETQUOTA (RFC 9208 4.1; RFC 2087), and the answers. */
import type { GetQuotaCommand, SetQuotaCommand } from './command.js';
import { formatMailboxName } from './mailbox-name.js';
import { stringOctets } from './octet-string.js';
import type { CommandReader } from './reader.js';

/** SP quota-root-name. */
export function parseGetQuota(reader: CommandReader): GetQuotaCommand {
  reader.expectSpace();
  return { kind: 'getQuota', root: reader.expectText('a quota root') };
}

/** SP quota-root-name SP "(" [resource SP limit *(SP resource SP limit)] ")". */
export function parseSetQuota(reader: CommandReader): SetQuotaCommand {
  reader.expectSpace();
  const root = reader.expectText('a quota root');
  reader.expectSpace();
  const resources: { name: string; limit: number }[] = [];
  reader.expectList(
    () => {
      const name = reader.expectKeyword('a resource');
      reader.expectSpace();
      resources.push({ name, limit: reader.expectNumber64('a limit') });
    },
    'resources',
    { empty: true },
  );
  return { kind: 'setQuota', root, resources };
}

/** RFC 9208 5.1: STORAGE counts in units of 1,024 octets. */
export interface QuotaResource {
  readonly name: 'STORAGE' | 'MESSAGE';
  readonly usage: number;
  readonly limit: number;
}

/** `* QUOTA "" (STORAGE 10 512)`, without CRLF. */
export function formatQuota(root: string, resources: readonly QuotaResource[]): string {
  const list = resources.map(({ name, usage, limit }) => `${name} ${usage} ${limit}`).join(' ');
  return `* QUOTA ${stringOctets(root)} (${list})`;
}

/** `* QUOTAROOT "INBOX" ""`, without CRLF. */
export function formatQuotaRoot(mailbox: string, roots: readonly string[], utf8: boolean): string {
  return `* QUOTAROOT ${formatMailboxName(mailbox, utf8)}${roots.map((root) => ` ${stringOctets(root)}`).join('')}`;
}
