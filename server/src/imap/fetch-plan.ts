/**
 * What a FETCH needs, decided once for all its messages: columns of the view, cards, contents. Each is dearer than the one
 * before by an order of magnitude, so nothing is read that no item asks for.
 */
import type { FetchCommand, FetchItem } from '../codec/imap/fetch.js';
import { createFieldSelector, type FieldSelector } from '../codec/mime/field-selector.js';
import { canAnswerFromCard } from '../codec/mime/listed-headers.js';
import type { CardPart } from '../mailstore/content.js';
import type { LazyColumn } from '../mailstore/mailbox.js';
import type { ColumnItems } from './fetch-columns.js';

/** Answered from a message's card. */
export type CardItem =
  | { readonly kind: 'envelope' | 'bodyStructure' | 'body' }
  | { readonly kind: 'fields'; readonly name: string; readonly select: FieldSelector; readonly partial: Span };

/** What these items need of a card. */
export function cardParts(items: readonly CardItem[]): readonly CardPart[] {
  const parts = new Set<CardPart>();
  for (const { kind } of items) {
    if (kind === 'envelope') parts.add('envelope');
    else if (kind === 'fields') parts.add('headers');
    else parts.add('bodyStructure');
  }
  return [...parts];
}

/** Answered from a message's octets. */
export type ContentItem = Extract<FetchItem, { kind: 'section' | 'binary' | 'binarySize' }>;

/** `<offset.count>`; undefined for all. */
export type Span = { readonly offset: number; readonly count: number } | undefined;

export interface FetchPlan {
  readonly columns: ColumnItems;
  readonly lazyColumns: readonly LazyColumn[];
  readonly cards: readonly CardItem[];
  readonly contents: readonly ContentItem[];
  /** Some item without PEEK: what is fetched becomes \Seen. */
  readonly marksSeen: boolean;
  readonly usesModseq: boolean;
}

export function planFetch(command: FetchCommand): FetchPlan {
  // RFC 9051 6.4.9: UID FETCH always tells the UID. RFC 7162 3.1.4.1: CHANGEDSINCE adds MODSEQ.
  const usesModseq = command.changedSince !== undefined || command.items.some((item) => item.kind === 'modseq');
  const columns = {
    uid: command.uid,
    flags: false,
    modseq: usesModseq,
    size: false,
    internalDate: false,
    emailId: false,
    threadId: false,
  };
  const lazyColumns: LazyColumn[] = [];
  const cards: CardItem[] = [];
  const contents: ContentItem[] = [];
  let marksSeen = false;
  for (const item of command.items) {
    switch (item.kind) {
      case 'uid':
      case 'flags':
      case 'modseq':
        columns[item.kind] = true;
        break;
      case 'size':
        columns.size = true;
        lazyColumns.push('size');
        break;
      case 'internalDate':
        columns.internalDate = true;
        lazyColumns.push('date');
        break;
      case 'emailId':
        columns.emailId = true;
        lazyColumns.push('id');
        break;
      case 'threadId':
        columns.threadId = true;
        lazyColumns.push('thread');
        break;
      case 'envelope':
      case 'bodyStructure':
      case 'body':
        cards.push({ kind: item.kind });
        break;
      case 'section': {
        if (!item.peek) marksSeen = true;
        const fields = cardFields(item);
        if (fields === undefined) contents.push(item);
        else
          cards.push({
            kind: 'fields',
            name: item.name,
            select: createFieldSelector(fields, false),
            partial: item.partial,
          });
        break;
      }
      case 'binary':
        if (!item.peek) marksSeen = true;
        contents.push(item);
        break;
      case 'binarySize':
        contents.push(item);
        break;
      default:
        item satisfies never;
    }
  }
  return { columns, lazyColumns, cards, contents, marksSeen, usesModseq };
}

/** The fields of a BODY[HEADER.FIELDS (...)] that cards can answer. */
function cardFields({ section }: Extract<FetchItem, { kind: 'section' }>): ReadonlySet<string> | undefined {
  if (section.text !== 'headerFields' || section.part.length > 0) return undefined;
  const fields = new Set(section.fields.map((field) => field.toLowerCase()));
  return canAnswerFromCard(fields) ? fields : undefined;
}
