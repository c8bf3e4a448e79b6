import { parseMailboxName } from './mailbox-name.js';
import type { CommandReader } from './reader.js';
import { parseKnownSet, type Ranges } from './sequence-set.js';
import { ImapSyntaxError } from './syntax-error.js';

/** RFC 7162 3.2.5. Ranges hold no `*`. */
export interface QresyncParameter {
  readonly uidValidity: number;
  readonly modseq: number;
  readonly knownUids: Ranges | undefined;
  readonly match: { readonly sequences: Ranges; readonly uids: Ranges } | undefined;
}

/** SELECT and EXAMINE (RFC 9051 6.3.2, 6.3.3). */
export interface SelectCommand {
  readonly kind: 'select';
  readonly mailbox: string;
  /** EXAMINE. */
  readonly readOnly: boolean;
  readonly condstore: boolean;
  readonly qresync: QresyncParameter | undefined;
}

/** After `SELECT` or `EXAMINE`: SP mailbox [SP "(" select-param *(SP select-param) ")"]. */
export function parseSelect(reader: CommandReader, utf8: boolean, readOnly: boolean): SelectCommand {
  reader.expectSpace();
  const mailbox = parseMailboxName(reader.expectAstring('a mailbox name'), utf8);
  let condstore = false;
  let qresync: QresyncParameter | undefined;
  if (reader.space() && reader.peek() !== -1) {
    reader.expectList(() => {
      const name = reader.expectKeyword('CONDSTORE or QRESYNC');
      if (name === 'CONDSTORE') condstore = true;
      else if (name === 'QRESYNC' && qresync === undefined) qresync = parseQresync(reader);
      else throw new ImapSyntaxError(`Unknown or repeated SELECT parameter ${name.slice(0, 40)}`);
    }, 'a SELECT parameter');
  }
  return { kind: 'select', mailbox, readOnly, condstore, qresync };
}

/** RFC 7162 7: "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")". */
function parseQresync(reader: CommandReader): QresyncParameter {
  reader.expectSpace();
  reader.expectOctet(0x28);
  const uidValidity = reader.expectPositive('a UIDVALIDITY');
  reader.expectSpace();
  const modseq = reader.expectNumber64('a mod-sequence');
  let knownUids: Ranges | undefined;
  let match: QresyncParameter['match'];
  let more = reader.space();
  if (more && reader.peek() !== 0x28) {
    knownUids = parseKnownSet(reader);
    more = reader.space();
  }
  if (more) {
    reader.expectOctet(0x28);
    const sequences = parseKnownSet(reader);
    reader.expectSpace();
    match = { sequences, uids: parseKnownSet(reader) };
    reader.expectOctet(0x29);
  }
  reader.expectOctet(0x29);
  return { uidValidity, modseq, knownUids, match };
}
