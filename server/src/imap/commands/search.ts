import type { SearchCommand } from '../../codec/imap/search.js';
import { no, type Outcome } from '../outcome.js';
import { type Session, selectedOf } from '../session.js';

/** Stands until the search program is here. */
export async function search(session: Session, _tag: string, _command: SearchCommand): Promise<Outcome> {
  selectedOf(session);
  return no('SEARCH is not available yet', 'CANNOT');
}
