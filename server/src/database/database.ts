import { type Cards, cards } from './cards.js';
import { type ChangeFeed, changeFeed } from './change-feed.js';
import { type Changes, changes } from './changes.js';
import { createIndexes, mailCollections, refsIndex } from './collections.js';
import { type Commits, commits } from './commits.js';
import {
  type CommittedDocuments,
  type CommittedReads,
  committedContents,
  committedLookup,
  committedRange,
  committedRead,
  committedReads,
} from './committed-documents.js';
import type { Connection } from './connection.js';
import { type ContentReader, type Contents, contents } from './contents.js';
import { type DirectReads, directFeed } from './direct-feed.js';
import { repeating } from './failure.js';
import type { DirectCommands } from './inserts.js';
import { type Messages, messages } from './messages.js';
import { type Roots, roots } from './roots.js';
import { type Segments, segments } from './segments.js';
import { type Signatures, signatures } from './signatures.js';
import { type Upkeep, upkeep } from './upkeep.js';
import { type Uploads, uploads } from './uploads.js';

/** Everything the mailstore asks of the database, one repository a collection. */
export interface MailDatabase {
  readonly roots: Roots;
  readonly changes: Changes;
  readonly segments: Segments;
  readonly messages: Messages;
  readonly contents: Contents;
  readonly contentReader: ContentReader;
  readonly uploads: Uploads;
  readonly cards: Cards;
  readonly signatures: Signatures;
  readonly commits: Commits;
  readonly feed: ChangeFeed;
  readonly upkeep: Upkeep;
}

/**
 * Makes the indexes that are missing, then gives the repositories of the mail collections. With `committed`, what has an
 * \`_id\` is read from the embedded store's files; with `direct`, commits and the
 * change stream do without the driver.
 */
export async function openMailDatabase(
  connection: Connection,
  options: { readonly committed?: CommittedDocuments; readonly direct?: DirectCommands & DirectReads } = {},
): Promise<MailDatabase> {
  const collections = mailCollections(connection.db);
  await repeating(() => createIndexes(connection, collections));
  const allContents = contents(collections);
  const { committed } = options;
  const name = connection.db.databaseName;
  const fromFiles = (collection: string): CommittedReads | undefined =>
    committed === undefined ? undefined : committedReads(committed, name, collection);
  return {
    roots: roots(collections, committed && committedRead(committed, name, 'roots')),
    changes: changes(collections, committed && committedRange(committed, name, 'changes')),
    segments: segments(collections, fromFiles('segments')),
    messages: messages(
      collections,
      committed && {
        byId: committedReads(committed, name, 'messages'),
        byRefs: committedLookup(committed, { database: name, collection: 'messages', index: refsIndex }),
      },
    ),
    contents: allContents,
    contentReader: committed === undefined ? allContents : committedContents(committed, name),
    uploads: uploads(collections),
    cards: cards(collections, fromFiles('cards')),
    signatures: signatures(collections, { sigs: fromFiles('sigs'), slices: fromFiles('slices') }),
    commits: commits(connection, collections, options.direct),
    feed: options.direct === undefined ? changeFeed(collections) : directFeed(options.direct, name),
    upkeep: upkeep(connection, collections),
  };
}
