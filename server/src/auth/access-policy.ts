import type { Protocol, Role, Zone } from '@vaguemestre/shared/people';

/**
 * Who may come in by which door: the one function that every protocol asks, after the password was right. The role gives
 * the default, the person's `allow` and `deny` differ from it (`deny` wins), and some doors open only in the laboratory
 * whatever the person may.
 */
export interface Visitor {
  readonly role: Role;
  readonly eudora: boolean;
  readonly allow: readonly Protocol[];
  readonly deny: readonly Protocol[];
  readonly disabled: boolean;
  readonly expires: Date | undefined;
}

export interface Door {
  readonly protocol: Protocol;
  readonly zone: Zone;
  /** `legacy` is the old TLS that Eudora speaks, on listeners of its own. */
  readonly transport: 'tls' | 'legacy' | 'clear';
}

export interface PolicySettings {
  /** POP3 without TLS in the laboratory's networks, for old clients. */
  readonly pop3Clear: 'off' | 'laboratory';
  /** Interns may read their mail in the webmail. */
  readonly internWebmail: boolean;
}

export const refusals = [
  'disabled',
  'expired',
  'useImap',
  'usePop3',
  'useWebmail',
  'useTls',
  'useModernTls',
  'laboratoryOnly',
  'useAppPassword',
  'appElsewhere',
  'notAllowed',
] as const;
export type Refusal = (typeof refusals)[number];

/** Undefined: come in. Otherwise the reason, which names the door to use where there is one. */
export function refusalFor(visitor: Visitor, door: Door, settings: PolicySettings, nowMs: number): Refusal | undefined {
  if (visitor.disabled) return 'disabled';
  if (visitor.expires !== undefined && nowMs > visitor.expires.getTime()) return 'expired';
  const base = basis(visitor, door.protocol, settings);
  if (base === 'no') return insteadOf(visitor, door.protocol, settings);
  if (base === 'laboratory' && door.zone !== 'laboratory') return 'laboratoryOnly';
  return transportRefusal(visitor, door, settings);
}

type Basis = 'yes' | 'laboratory' | 'no';

/** Design, "Who may do what", then the person's own differences. */
function basis(visitor: Visitor, protocol: Protocol, settings: PolicySettings): Basis {
  if (visitor.deny.includes(protocol)) return 'no';
  if (visitor.allow.includes(protocol)) return 'yes';
  switch (visitor.role) {
    case 'permanent':
    case 'doctoral':
      return protocol === 'pop3' ? (visitor.eudora ? 'yes' : 'no') : 'yes';
    case 'intern':
      switch (protocol) {
        case 'pop3':
          return 'yes';
        case 'submission':
          return 'laboratory';
        case 'webmail':
          return settings.internWebmail ? 'yes' : 'no';
        // Filter rules are set where mail is read: over the webmail, which keeps them itself.
        case 'imap':
        case 'sieve':
          return 'no';
      }
      break;
    case 'service':
      return 'no';
  }
}

function transportRefusal(visitor: Visitor, door: Door, settings: PolicySettings): Refusal | undefined {
  if (door.transport === 'tls') return undefined;
  const old = door.protocol === 'pop3' || door.protocol === 'submission';
  if (door.transport === 'legacy') {
    if (!visitor.eudora || !old) return 'useModernTls';
    return door.zone === 'laboratory' ? undefined : 'laboratoryOnly';
  }
  // In clear: interns and the Eudora flag may, over POP3, in the laboratory, if the laboratory switched it on. For the
  // other protocols the front end has made sure that nothing in clear leaves the machine.
  if (door.protocol !== 'pop3') return undefined;
  if (settings.pop3Clear === 'off') return 'useTls';
  if (visitor.role !== 'intern' && !visitor.eudora) return 'useTls';
  return door.zone === 'laboratory' ? undefined : 'laboratoryOnly';
}

function insteadOf(visitor: Visitor, protocol: Protocol, settings: PolicySettings): Refusal {
  const may = (other: Protocol): boolean => other !== protocol && basis(visitor, other, settings) !== 'no';
  if (protocol === 'imap' || protocol === 'pop3' || protocol === 'webmail') {
    if (may('imap')) return 'useImap';
    if (may('pop3')) return 'usePop3';
    if (may('webmail')) return 'useWebmail';
  }
  return 'notAllowed';
}
