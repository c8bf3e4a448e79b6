/** A letter of the service on its way into one mailbox, as a delivery that the mailbox knows again (store design 2.5). */
import { deliveredToField, returnPathField } from '../codec/smtp/trace-fields.js';
import type { AccountId } from '../kernel/ids.js';
import type { Mailstore } from '../mailstore/mailstore.js';

/** `quotaBytes` undefined: it arrives in a full mailbox too. The same octets under the same id are stored once. */
export type DeliverLetter = (
  to: { readonly account: AccountId; readonly quotaBytes: number | undefined },
  letter: { readonly id: string; readonly octets: Buffer },
) => Promise<void>;

export function deliverLetter(mailstore: Pick<Mailstore, 'beginDelivery'>, domain: string): DeliverLetter {
  // RFC 5321 4.4: nobody is to be told of what becomes of it.
  const prefix = Buffer.from(returnPathField('') + deliveredToField(`postmaster@${domain}`));
  return async ({ account, quotaBytes }, { id, octets }) => {
    const recipient = { account, prefix, ...(quotaBytes !== undefined && { quotaBytes }) };
    const delivery = mailstore.beginDelivery([recipient], { maxBytes: octets.length, envid: id });
    await delivery.write(octets);
    const [outcome] = await delivery.commit();
    if (outcome?.kind === 'refused') throw outcome.error;
  };
}
