/** How mail programs find out how to be set: by themselves (autoconfig, autodiscover), by a profile, or by a person who looks. */

import { mailDoors, personalDoors } from '@vaguemestre/shared/mail-doors';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';
import type { MayUse } from '../../auth/doors-of-person.js';
import { MailError } from '../../kernel/errors.js';
import { requireSignedIn } from '../auth/signed-in.js';
import { appleProfile } from './apple-profile.js';
import { autoconfigXml } from './autoconfig.js';
import { askedAddress, autodiscoverError, autodiscoverXml } from './autodiscover.js';
import { dnsRecords } from './dns-records.js';

export interface ConfigureOptions {
  readonly info: () => ServiceInfo;
  readonly mayUse: MayUse;
}

const forAnybody = { config: { forAnybody: true } } as const;
const maxRequestBytes = 16 * 1024;

export const configureRoutes: FastifyPluginAsync<ConfigureOptions> = async (app, { info, mayUse }) => {
  app.addContentTypeParser(
    ['text/xml', 'application/xml'],
    { parseAs: 'string', bodyLimit: maxRequestBytes },
    async (_request: unknown, body: string) => body,
  );
  const xml = (reply: FastifyReply, text: string): FastifyReply =>
    reply.header('content-type', 'text/xml; charset=utf-8').send(text);

  for (const path of ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml']) {
    app.get(path, forAnybody, (_request, reply) => xml(reply, autoconfigXml(info())));
  }
  for (const path of [
    '/autodiscover/autodiscover.xml',
    '/Autodiscover/Autodiscover.xml',
    '/AutoDiscover/AutoDiscover.xml',
  ]) {
    app.post(path, forAnybody, (request, reply) => {
      const address = typeof request.body === 'string' ? askedAddress(request.body) : undefined;
      return xml(reply, address === undefined ? autodiscoverError(new Date()) : autodiscoverXml(info(), address));
    });
  }

  const mine = async ({ account }: { readonly account: Parameters<MayUse>[0] }) => {
    const may = await mayUse(account);
    const protocolOf = { imap: 'imap', pop3: 'pop3', smtp: 'submission' } as const;
    return { may, doors: personalDoors(mailDoors(info()), (type) => may[protocolOf[type]] !== 'no') };
  };

  app.get('/api/setup/mine', async (request) => {
    const { principal } = requireSignedIn(request);
    const { may, doors } = await mine(principal);
    const { host, domain, selfSigned } = info();
    return {
      address: principal.address,
      host,
      domain,
      selfSigned,
      ...doors,
      sendingFrom: may.submission,
      secondFactor: principal.secondFactor === true,
    };
  });

  app.get('/api/setup/mail.mobileconfig', async (request, reply) => {
    const { principal } = requireSignedIn(request);
    const { doors } = await mine(principal);
    const { host, domain } = info();
    const profile = appleProfile({ host, domain, address: principal.address, name: principal.name, doors });
    if (profile === undefined) throw new MailError('nonexistent', 'No mail program may read your mail.');
    return reply
      .header('content-type', 'application/x-apple-aspen-config')
      .header('content-disposition', 'attachment; filename="mail.mobileconfig"')
      .send(profile);
  });

  app.get('/api/setup/dns', async (request, reply) => {
    if (!requireSignedIn(request).principal.admin) {
      throw new MailError('authorizationFailed', 'This is for administrators.');
    }
    return reply.header('content-type', 'text/plain; charset=utf-8').send(`${dnsRecords(info()).join('\n')}\n`);
  });
};
