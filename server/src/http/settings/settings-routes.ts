/**
 * `GET /api/settings`: how a person likes the webmail. `PATCH /api/settings`: a JSON object of what is to be otherwise, null for
 * what is to go (as RFC 7396 merges one level). Both answer `{version, values}`, the whole as it is then.
 */
import type { FastifyInstance } from 'fastify';
import type { PersonSettings } from '../../auth/person-settings.js';
import { requireSignedIn } from '../auth/signed-in.js';

export interface SettingsOptions {
  readonly personSettings: PersonSettings;
}

const patchBody = { type: 'object' } as const;

export async function settingsRoutes(app: FastifyInstance, { personSettings }: SettingsOptions): Promise<void> {
  app.get('/api/settings', (request) => personSettings.get(requireSignedIn(request).principal.account));

  app.patch('/api/settings', { schema: { body: patchBody } }, (request) =>
    personSettings.change(requireSignedIn(request).principal.account, request.body as Record<string, unknown>),
  );
}
