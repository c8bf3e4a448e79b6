/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 6.3.4 to 6.3.8), GETQUOTAROOT (RFC 9208 4.1.2). */
import type { CreateCommand, MailboxCommand, RenameCommand } from './command.js';
import { parseMailboxName } from './mailbox-name.js';
import type { CommandReader } from './reader.js';
import { ImapSyntaxError } from './syntax-error.js';

/** SP mailbox. */
export function parseMailboxCommand(
  reader: CommandReader,
  utf8: boolean,
  kind: MailboxCommand['kind'],
): MailboxCommand {
  reader.expectSpace();
  return { kind, mailbox: parseMailboxName(reader.expectAstring('a mailbox name'), utf8) };
}

/** SP mailbox SP mailbox. A final delimiter of the new name is a wish to make children there, as in CREATE. */
export function parseRename(reader: CommandReader, utf8: boolean): RenameCommand {
  reader.expectSpace();
  const from = parseMailboxName(reader.expectAstring('a mailbox name'), utf8);
  reader.expectSpace();
  return {
    kind: 'rename',
    from,
    to: parseMailboxName(reader.expectAstring('a mailbox name'), utf8, { trailing: true }),
  };
}

/** SP mailbox [SP "(" USE SP "(" [use-attr *(SP use-attr)] ")" ")"] (RFC 6154 6). */
export function parseCreate(reader: CommandReader, utf8: boolean): CreateCommand {
  reader.expectSpace();
  const mailbox = parseMailboxName(reader.expectAstring('a mailbox name'), utf8, { trailing: true });
  const use: string[] = [];
  if (reader.space() && reader.peek() !== -1) {
    reader.expectList(() => {
      const name = reader.expectKeyword('USE');
      if (name !== 'USE') throw new ImapSyntaxError(`Unknown CREATE parameter ${name.slice(0, 40)}`);
      reader.expectSpace();
      reader.expectList(
        () => {
          reader.expectOctet(0x5c);
          use.push(`\\${reader.expectAtom('a special use')}`);
        },
        'special uses',
        { empty: true },
      );
    }, 'a CREATE parameter');
  }
  return { kind: 'create', mailbox, use };
}
