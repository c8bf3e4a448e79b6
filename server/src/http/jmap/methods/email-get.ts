/** Email/get (RFC 8621 4.2). */
import { capability } from '@vaguemestre/shared/jmap/core';
import { maxJmapObjectsInGet } from '../../../kernel/limits.js';
import { type BodyOptions, readBodyOptions } from '../email/body-options.js';
import { defaultEmailProperties, emailProperties, isHeaderPropertyName } from '../email/email-properties.js';
import { readEmails } from '../email/read-emails.js';
import { MethodError } from '../method.js';
import { getMethod } from '../standard/get.js';
import { accountState } from '../standard/state.js';

export const emailGet = getMethod<BodyOptions>({
  name: 'Email',
  capability: capability.mail,
  properties: emailProperties,
  defaultProperties: defaultEmailProperties,
  isProperty: isHeaderPropertyName,
  extra: readBodyOptions,
  state: ({ account }) => accountState(account),
  async read({ ids, properties }, { account, signal }, body) {
    const emails = await account.emails();
    if (ids === undefined && emails.live > maxJmapObjectsInGet) {
      throw new MethodError('requestTooLarge', `At most ${maxJmapObjectsInGet} emails are answered by one call`);
    }
    const all = ids ?? [...Array(emails.count).keys()].filter((n) => emails.isLive(n)).map((n) => emails.idAt(n));
    return readEmails(account, emails, all, properties, body, signal);
  },
});
