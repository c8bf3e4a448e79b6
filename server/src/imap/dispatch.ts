/** From a parsed command to the file that carries it out, and what may be told after it. */
import type { ImapCommand } from '../codec/imap/command.js';
import { authenticate } from './commands/authenticate.js';
import { capability } from './commands/capability.js';
import { close, unselect } from './commands/close.js';
import { copy } from './commands/copy.js';
import { enable } from './commands/enable.js';
import { expunge, uidExpunge } from './commands/expunge.js';
import { fetch } from './commands/fetch.js';
import { id } from './commands/id.js';
import { idle } from './commands/idle.js';
import { list, lsub } from './commands/list.js';
import { login } from './commands/login.js';
import { logout } from './commands/logout.js';
import { create, remove, rename, subscribe, unsubscribe } from './commands/mailbox.js';
import { namespace } from './commands/namespace.js';
import { noop } from './commands/noop.js';
import { getQuota, getQuotaRoot, setQuota } from './commands/quota.js';
import { search } from './commands/search.js';
import { select } from './commands/select.js';
import { starttls } from './commands/starttls.js';
import { status } from './commands/status.js';
import type { Outcome } from './outcome.js';
import type { Session } from './session.js';

/** STORE and APPEND have ways of their own in the command loop. */
export type DispatchedCommand = Exclude<ImapCommand, { kind: 'store' }>;

export function perform(session: Session, tag: string, command: DispatchedCommand): Promise<Outcome> {
  switch (command.kind) {
    case 'capability':
      return capability(session);
    case 'noop':
      return noop(session, 'NOOP');
    case 'check':
      return noop(session, 'CHECK');
    case 'logout':
      return logout(session);
    case 'starttls':
      return starttls(session);
    case 'authenticate':
      return authenticate(session, command);
    case 'login':
      return login(session, command);
    case 'id':
      return id(session, command);
    case 'enable':
      return enable(session, command);
    case 'namespace':
      return namespace(session);
    case 'select':
      return select(session, command);
    case 'create':
      return create(session, command);
    case 'delete':
      return remove(session, command);
    case 'rename':
      return rename(session, command);
    case 'subscribe':
      return subscribe(session, command);
    case 'unsubscribe':
      return unsubscribe(session, command);
    case 'list':
      return list(session, command);
    case 'lsub':
      return lsub(session, command);
    case 'status':
      return status(session, command);
    case 'idle':
      return idle(session);
    case 'close':
      return close(session);
    case 'unselect':
      return unselect(session);
    case 'expunge':
      return expunge(session);
    case 'uidExpunge':
      return uidExpunge(session, command);
    case 'search':
      return search(session, tag, command);
    case 'fetch':
      return fetch(session, command);
    case 'copy':
    case 'move':
      return copy(session, command);
    case 'getQuota':
      return getQuota(session, command);
    case 'getQuotaRoot':
      return getQuotaRoot(session, command);
    case 'setQuota':
      return setQuota(session, command);
    default:
      return command satisfies never;
  }
}

/**
 * RFC 9051 7.5.1: no EXPUNGE with the answer to FETCH, STORE or SEARCH, whose numbers must keep their meaning; their UID forms are other
 * commands. Nothing at all where the mailbox was only just selected or is being left.
 */
export function updatesAfter(command: DispatchedCommand): 'all' | 'keepNumbers' | 'none' {
  switch (command.kind) {
    case 'fetch':
    case 'search':
      return command.uid ? 'all' : 'keepNumbers';
    case 'select':
    case 'logout':
      return 'none';
    default:
      return 'all';
  }
}
