/** What a mail program has to be told: of each kind the safest door that is open, and which of them are this person's. */
import type { Door, ServiceInfo } from './service-info.js';

export interface MailDoor {
  readonly type: 'imap' | 'pop3' | 'smtp';
  readonly port: number;
  readonly security: 'tls' | 'starttls';
}

export interface MailDoors {
  /** The best first. */
  readonly incoming: readonly MailDoor[];
  readonly outgoing: readonly MailDoor[];
}

const kinds = [
  { type: 'imap', names: ['imaps', 'imap'] },
  { type: 'pop3', names: ['pop3s', 'pop3'] },
  { type: 'smtp', names: ['submissions', 'submission'] },
] as const;

export function mailDoors({ doors }: Pick<ServiceInfo, 'doors'>): MailDoors {
  const open = kinds.flatMap(({ type, names }) => {
    const door = names.map((name) => doors.find((one) => one.name === name)).find(isEncrypted);
    return door === undefined ? [] : [{ type, port: door.port, security: door.security }];
  });
  return {
    incoming: open.filter(({ type }) => type !== 'smtp'),
    outgoing: open.filter(({ type }) => type === 'smtp'),
  };
}

const isEncrypted = (door: Door | undefined): door is Door & { readonly security: 'tls' | 'starttls' } =>
  door !== undefined && door.security !== 'none';

/** Only what `may` allows. */
export function personalDoors(doors: MailDoors, may: (type: MailDoor['type']) => boolean): MailDoors {
  return {
    incoming: doors.incoming.filter(({ type }) => may(type)),
    outgoing: doors.outgoing.filter(({ type }) => may(type)),
  };
}
