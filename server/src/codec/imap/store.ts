import { parseFlags } from './flag.js';
import type { CommandReader } from './reader.js';
import { parseSequenceSet, type SequenceSet } from './sequence-set.js';
import { ImapSyntaxError } from './syntax-error.js';

/** RFC 9051 6.4.6, RFC 7162 3.1.3. */
export interface StoreCommand {
  readonly kind: 'store';
  readonly uid: boolean;
  readonly set: SequenceSet;
  readonly mode: 'add' | 'remove' | 'replace';
  readonly silent: boolean;
  /** System flags in their usual spelling, keywords as written, no repetitions; \Recent was left out. */
  readonly flags: readonly string[];
  readonly unchangedSince: number | undefined;
}

/** After `STORE`: SP sequence-set [SP "(" UNCHANGEDSINCE n ")"] SP [+/-]FLAGS[.SILENT] SP flags. */
export function parseStore(reader: CommandReader, uid: boolean): StoreCommand {
  reader.expectSpace();
  const set = parseSequenceSet(reader);
  reader.expectSpace();
  let unchangedSince: number | undefined;
  if (reader.peek() === 0x28) {
    reader.expectList(() => {
      const name = reader.expectKeyword('UNCHANGEDSINCE');
      if (name !== 'UNCHANGEDSINCE' || unchangedSince !== undefined) {
        throw new ImapSyntaxError(`Unknown or repeated STORE modifier ${name}`);
      }
      reader.expectSpace();
      unchangedSince = reader.expectNumber64('a mod-sequence');
    }, 'a STORE modifier');
    reader.expectSpace();
  }
  const mode = reader.octet(0x2b) ? 'add' : reader.octet(0x2d) ? 'remove' : 'replace';
  const item = reader.expectKeyword('FLAGS or FLAGS.SILENT');
  if (item !== 'FLAGS' && item !== 'FLAGS.SILENT')
    throw new ImapSyntaxError(`Unknown STORE data item ${item.slice(0, 40)}`);
  reader.expectSpace();
  const flags = parseFlags(reader);
  return { kind: 'store', uid, set, mode, silent: item === 'FLAGS.SILENT', flags, unchangedSince };
}
