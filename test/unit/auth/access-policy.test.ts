import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Door,
  type PolicySettings,
  type Refusal,
  refusalFor,
  refusals,
  type Visitor,
} from '@vaguemestre/server/auth/access-policy';
import { refusalText } from '@vaguemestre/server/auth/refusal-texts';
import { langs, type Protocol, protocols, type Role, roles, type Zone, zones } from '@vaguemestre/shared/people';

const now = Date.UTC(2026, 2, 2);
const settings: PolicySettings = { pop3Clear: 'off', internWebmail: true };

function visitor(role: Role, differences: Partial<Visitor> = {}): Visitor {
  return { role, eudora: false, allow: [], deny: [], disabled: false, expires: undefined, ...differences };
}

function ask(who: Visitor, protocol: Protocol, zone: Zone, transport: Door['transport'] = 'tls', set = settings) {
  return refusalFor(who, { protocol, zone, transport }, set, now) ?? 'in';
}

/** Every cell of the table, over TLS: [laboratory, vpn, outside]. */
type Row = readonly [Refusal | 'in', Refusal | 'in', Refusal | 'in'];
const everywhere: Row = ['in', 'in', 'in'];
const never = (why: Refusal): Row => [why, why, why];
const table: Record<Role, Record<Protocol, Row>> = {
  permanent: {
    imap: everywhere,
    pop3: never('useImap'),
    webmail: everywhere,
    submission: everywhere,
    sieve: everywhere,
  },
  doctoral: {
    imap: everywhere,
    pop3: never('useImap'),
    webmail: everywhere,
    submission: everywhere,
    sieve: everywhere,
  },
  intern: {
    imap: never('usePop3'),
    pop3: everywhere,
    webmail: everywhere,
    submission: ['in', 'laboratoryOnly', 'laboratoryOnly'],
    sieve: never('notAllowed'),
  },
  service: {
    imap: never('notAllowed'),
    pop3: never('notAllowed'),
    webmail: never('notAllowed'),
    submission: never('notAllowed'),
    sieve: never('notAllowed'),
  },
};

describe('access policy', () => {
  for (const role of roles) {
    for (const protocol of protocols) {
      for (const [i, zone] of zones.entries()) {
        test(`${role} by ${protocol} from ${zone}`, () => {
          assert.equal(ask(visitor(role), protocol, zone), table[role][protocol][i]);
          // What is given to the person opens the door everywhere, what is taken closes it whatever was given.
          assert.equal(ask(visitor(role, { allow: [protocol] }), protocol, zone), 'in');
          assert.notEqual(ask(visitor(role, { allow: [protocol], deny: [protocol] }), protocol, zone), 'in');
        });
      }
    }
  }

  test('the Eudora flag adds POP3 to any role but service, and changes nothing else', () => {
    for (const role of ['permanent', 'doctoral', 'intern'] as const) {
      for (const zone of zones) {
        assert.equal(ask(visitor(role, { eudora: true }), 'pop3', zone), 'in');
        for (const protocol of protocols) {
          if (protocol === 'pop3') continue;
          assert.equal(ask(visitor(role, { eudora: true }), protocol, zone), ask(visitor(role), protocol, zone));
        }
      }
    }
    assert.equal(ask(visitor('service', { eudora: true }), 'pop3', 'laboratory'), 'notAllowed');
  });

  test('POP3 in clear: in the laboratory, when switched on, for interns and the Eudora flag', () => {
    const on: PolicySettings = { ...settings, pop3Clear: 'laboratory' };
    const eudora = visitor('permanent', { eudora: true });
    const allowed = visitor('permanent', { allow: ['pop3'] });
    for (const who of [eudora, visitor('intern')]) {
      assert.equal(ask(who, 'pop3', 'laboratory', 'clear'), 'useTls');
      assert.equal(ask(who, 'pop3', 'laboratory', 'clear', on), 'in');
      assert.equal(ask(who, 'pop3', 'vpn', 'clear', on), 'laboratoryOnly');
      assert.equal(ask(who, 'pop3', 'outside', 'clear', on), 'laboratoryOnly');
    }
    assert.equal(ask(allowed, 'pop3', 'laboratory', 'clear', on), 'useTls');
    assert.equal(ask(visitor('permanent'), 'pop3', 'laboratory', 'clear', on), 'useImap');
  });

  /** POP3 and submission by every way in, with POP3 in clear switched on: [laboratory, vpn, outside]. */
  const ways: Record<'pop3' | 'submission', Record<string, Record<Door['transport'], Row>>> = {
    pop3: {
      permanent: { tls: never('useImap'), legacy: never('useImap'), clear: never('useImap') },
      'permanent Eudora': {
        tls: everywhere,
        legacy: ['in', 'laboratoryOnly', 'laboratoryOnly'],
        clear: ['in', 'laboratoryOnly', 'laboratoryOnly'],
      },
      doctoral: { tls: never('useImap'), legacy: never('useImap'), clear: never('useImap') },
      'doctoral Eudora': {
        tls: everywhere,
        legacy: ['in', 'laboratoryOnly', 'laboratoryOnly'],
        clear: ['in', 'laboratoryOnly', 'laboratoryOnly'],
      },
      intern: { tls: everywhere, legacy: never('useModernTls'), clear: ['in', 'laboratoryOnly', 'laboratoryOnly'] },
      'intern Eudora': {
        tls: everywhere,
        legacy: ['in', 'laboratoryOnly', 'laboratoryOnly'],
        clear: ['in', 'laboratoryOnly', 'laboratoryOnly'],
      },
      service: { tls: never('notAllowed'), legacy: never('notAllowed'), clear: never('notAllowed') },
      'service Eudora': { tls: never('notAllowed'), legacy: never('notAllowed'), clear: never('notAllowed') },
    },
    submission: {
      permanent: { tls: everywhere, legacy: never('useModernTls'), clear: everywhere },
      'permanent Eudora': { tls: everywhere, legacy: ['in', 'laboratoryOnly', 'laboratoryOnly'], clear: everywhere },
      doctoral: { tls: everywhere, legacy: never('useModernTls'), clear: everywhere },
      'doctoral Eudora': { tls: everywhere, legacy: ['in', 'laboratoryOnly', 'laboratoryOnly'], clear: everywhere },
      intern: {
        tls: ['in', 'laboratoryOnly', 'laboratoryOnly'],
        legacy: ['useModernTls', 'laboratoryOnly', 'laboratoryOnly'],
        clear: ['in', 'laboratoryOnly', 'laboratoryOnly'],
      },
      'intern Eudora': {
        tls: ['in', 'laboratoryOnly', 'laboratoryOnly'],
        legacy: ['in', 'laboratoryOnly', 'laboratoryOnly'],
        clear: ['in', 'laboratoryOnly', 'laboratoryOnly'],
      },
      service: { tls: never('notAllowed'), legacy: never('notAllowed'), clear: never('notAllowed') },
      'service Eudora': { tls: never('notAllowed'), legacy: never('notAllowed'), clear: never('notAllowed') },
    },
  };
  const clearOn: PolicySettings = { ...settings, pop3Clear: 'laboratory' };
  for (const protocol of ['pop3', 'submission'] as const) {
    for (const [who, byTransport] of Object.entries(ways[protocol])) {
      test(`${who} by ${protocol} over TLS, old TLS and in clear, from each zone`, () => {
        const [role, flag] = who.split(' ') as [Role, string | undefined];
        const person = visitor(role, { eudora: flag !== undefined });
        for (const [transport, row] of Object.entries(byTransport) as [Door['transport'], Row][]) {
          const found = zones.map((zone) => ask(person, protocol, zone, transport, clearOn));
          assert.deepEqual([transport, found], [transport, [...row]]);
        }
      });
    }
  }

  test('old TLS: for the Eudora flag in the laboratory, over POP3 and submission', () => {
    const eudora = visitor('permanent', { eudora: true });
    assert.equal(ask(eudora, 'pop3', 'laboratory', 'legacy'), 'in');
    assert.equal(ask(eudora, 'submission', 'laboratory', 'legacy'), 'in');
    assert.equal(ask(eudora, 'pop3', 'outside', 'legacy'), 'laboratoryOnly');
    assert.equal(ask(eudora, 'imap', 'laboratory', 'legacy'), 'useModernTls');
    assert.equal(ask(visitor('intern'), 'pop3', 'laboratory', 'legacy'), 'useModernTls');
  });

  test('the webmail of interns is a switch', () => {
    const off: PolicySettings = { ...settings, internWebmail: false };
    assert.equal(ask(visitor('intern'), 'webmail', 'laboratory', 'tls', off), 'usePop3');
    assert.equal(ask(visitor('doctoral'), 'webmail', 'laboratory', 'tls', off), 'in');
  });

  test('disabled and expired come before everything; the end date itself still counts', () => {
    for (const protocol of protocols) {
      assert.equal(
        ask(visitor('permanent', { disabled: true, allow: [protocol] }), protocol, 'laboratory'),
        'disabled',
      );
      const past = visitor('intern', { expires: new Date(now - 1), allow: [protocol] });
      assert.equal(ask(past, protocol, 'laboratory'), 'expired');
    }
    assert.equal(ask(visitor('intern', { expires: new Date(now) }), 'pop3', 'laboratory'), 'in');
  });

  test('a refusal names a door that is open', () => {
    const onlyWebmail = visitor('intern', { deny: ['pop3'] });
    assert.equal(ask(onlyWebmail, 'pop3', 'laboratory'), 'useWebmail');
    assert.equal(ask(visitor('intern', { deny: ['pop3', 'webmail'] }), 'pop3', 'laboratory'), 'notAllowed');
  });

  test('every refusal has an ASCII sentence without line ends in each language', () => {
    for (const refusal of refusals) {
      for (const lang of langs) assert.match(refusalText(refusal, lang), /^[\x20-\x7e]{20,200}$/);
      assert.notEqual(refusalText(refusal, 'fr'), refusalText(refusal, 'en'));
    }
  });
});
