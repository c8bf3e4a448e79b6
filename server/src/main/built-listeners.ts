/**
 * The listeners whose part is built. Those of the contract that are not are accepted in settings, noted in the log and do
 * nothing. `metrics` is opened by the main process, all others by every worker.
 */
import type { Config, ListenerName } from '../config/config.js';
import type { SettingValues } from '../config/settings.js';

interface BuiltListener {
  readonly part: 'mailbox' | 'web' | 'relay';
  readonly security: 'tls' | 'starttls' | 'none';
  /** For people's programs; others are for machines and administrators. */
  readonly forPeople: boolean;
  readonly says: string;
}

export const builtListeners: Partial<Record<ListenerName, BuiltListener>> = {
  imap: { part: 'mailbox', security: 'starttls', forPeople: true, says: 'read mail, IMAP with STARTTLS' },
  imaps: { part: 'mailbox', security: 'tls', forPeople: true, says: 'read mail, IMAP over TLS' },
  pop3: { part: 'mailbox', security: 'starttls', forPeople: true, says: 'take mail, POP3 with STLS' },
  pop3s: { part: 'mailbox', security: 'tls', forPeople: true, says: 'take mail, POP3 over TLS' },
  // Not for people to find: an administrator tells those who need them.
  'pop3s-legacy': { part: 'mailbox', security: 'tls', forPeople: false, says: 'take mail, POP3 over old TLS' },
  'submissions-legacy': { part: 'mailbox', security: 'tls', forPeople: false, says: 'send mail, SMTP over old TLS' },
  lmtp: { part: 'mailbox', security: 'starttls', forPeople: false, says: 'hand-over from the relay' },
  smtp: { part: 'relay', security: 'starttls', forPeople: false, says: 'mail from outside, by declared upstreams' },
  internal: { part: 'relay', security: 'starttls', forPeople: false, says: "mail of the laboratory's machines" },
  submission: { part: 'mailbox', security: 'starttls', forPeople: true, says: 'send mail, SMTP with STARTTLS' },
  submissions: { part: 'mailbox', security: 'tls', forPeople: true, says: 'send mail, SMTP over TLS' },
  http: { part: 'web', security: 'none', forPeople: true, says: 'web pages' },
  https: { part: 'web', security: 'tls', forPeople: true, says: 'web pages over TLS' },
  metrics: { part: 'web', security: 'none', forPeople: false, says: 'Prometheus metrics' },
};

/** Of old TLS, for the laboratory's own networks alone. */
export const isLegacy = (name: ListenerName): boolean => name.endsWith('-legacy');

/** It is one of the parts, and there is a way from it to the mailboxes. */
export const relayRuns = (values: SettingValues): boolean =>
  values.parts.includes('relay') && (values['relay-mailboxes'] !== undefined || values['listen-lmtp'] !== undefined);

/** Listeners that this configuration opens, in the order of the contract. */
export function openListeners(config: Config): readonly ListenerName[] {
  const { parts } = config.values;
  return (Object.keys(config.listen) as ListenerName[]).filter((name) => {
    const built = builtListeners[name];
    if (built?.part === 'relay' && !relayRuns(config.values)) return false;
    return built !== undefined && parts.includes(built.part) && config.listen[name] !== undefined;
  });
}

/** Listeners that are configured and not built. */
export function unbuiltListeners(config: Config): readonly ListenerName[] {
  return (Object.keys(config.listen) as ListenerName[]).filter(
    (name) => config.listen[name] !== undefined && builtListeners[name] === undefined,
  );
}
