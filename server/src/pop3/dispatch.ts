/** Which command may come when (RFC 1939 4 to 6), and what runs it. */
import type { Pop3Command } from '../codec/pop3/command.js';
import { capa } from './commands/capa.js';
import { dele, rset } from './commands/dele.js';
import { lang, utf8 } from './commands/lang.js';
import { last, list, stat, uidl } from './commands/list.js';
import { apop, auth, pass, user } from './commands/login.js';
import { quit } from './commands/quit.js';
import { retr, top } from './commands/retr.js';
import { stls } from './commands/stls.js';
import { xlst } from './commands/xlst.js';
import { type Outcome, ok, type Pop3Session, refuseIn } from './session.js';
import { say } from './words.js';

export async function dispatch(session: Pop3Session, command: Pop3Command): Promise<Outcome> {
  switch (command.kind) {
    case 'bad':
      refuseIn(session, command.why);
      // A wrong number is a wrong question, not a wrong command: programs try numbers.
      return command.why === 'number' ? 'error' : 'bad';
    case 'capa':
      return capa(session);
    case 'quit':
      return quit(session);
    case 'lang':
      return lang(session, command.tag);
    case 'user':
    case 'pass':
    case 'apop':
    case 'auth':
    case 'stls':
    case 'utf8':
      return authorization(session, command);
    default:
      return transaction(session, command);
  }
}

type Authorization = Extract<Pop3Command, { kind: 'user' | 'pass' | 'apop' | 'auth' | 'stls' | 'utf8' }>;

async function authorization(session: Pop3Session, command: Authorization): Promise<Outcome> {
  if (session.state.kind !== 'authorization') return refuseIn(session, 'loggedIn');
  switch (command.kind) {
    case 'user':
      return user(session, command.name);
    case 'pass':
      return pass(session, session.state.user, command.password);
    case 'apop':
      return apop(session);
    case 'auth':
      return auth(session, command);
    case 'stls':
      return stls(session);
    case 'utf8':
      return utf8(session);
    default:
      return command satisfies never;
  }
}

type Transaction = Exclude<Pop3Command, Authorization | { kind: 'bad' | 'capa' | 'quit' | 'lang' }>;

async function transaction(session: Pop3Session, command: Transaction): Promise<Outcome> {
  if (session.state.kind !== 'transaction') {
    refuseIn(session, 'logInFirst');
    return 'bad';
  }
  const { maildrop } = session.state;
  switch (command.kind) {
    case 'stat':
      return stat(session, maildrop);
    case 'list':
      return list(session, maildrop, command.number);
    case 'uidl':
      return uidl(session, maildrop, command.number);
    case 'last':
      return last(session, maildrop);
    case 'retr':
      return retr(session, maildrop, command.number);
    case 'top':
      return top(session, maildrop, command);
    case 'dele':
      return dele(session, maildrop, command.number);
    case 'rset':
      return rset(session, maildrop);
    case 'xlst':
      return xlst(session, maildrop, command);
    case 'noop':
      return ok(session, say('ok', session.lang));
    default:
      return command satisfies never;
  }
}
