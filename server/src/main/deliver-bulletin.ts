/** A bulletin on its way into one mailbox, as a delivery that the mailbox knows again (store design 2.5). */
import { deliveredToField, returnPathField } from '../codec/smtp/trace-fields.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { DeliverBulletin } from '../outbox/bulletins.js';

export function deliverBulletin(mailstore: Pick<Mailstore, 'beginDelivery'>, hostname: string): DeliverBulletin {
  // RFC 5321 4.4: nobody is to be told of what becomes of it.
  const prefix = Buffer.from(returnPathField('') + deliveredToField(`bulletin@${hostname}`));
  return async ({ account, quotaBytes }, { id, octets }) => {
    const recipient = { account, prefix, ...(quotaBytes !== undefined && { quotaBytes }) };
    const delivery = mailstore.beginDelivery([recipient], { maxBytes: octets.length, envid: `bulletin-${id}` });
    await delivery.write(octets);
    const [outcome] = await delivery.commit();
    if (outcome?.kind === 'refused') throw outcome.error;
  };
}
