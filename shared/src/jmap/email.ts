/** RFC 8621 section 4: messages; section 5: search snippets. */
import type { DateWithOffset, Id, UTCDate } from './core.js';
import type { SetError } from './errors.js';
import type {
  ChangesResponse,
  Comparator,
  GetArguments,
  QueryArguments,
  QueryChangesArguments,
  SetArguments,
} from './methods.js';

/** RFC 8621 4.1.2.3. */
export interface EmailAddress {
  readonly name: string | null;
  readonly email: string;
}

/** RFC 8621 4.1.2.4. */
export interface EmailAddressGroup {
  readonly name: string | null;
  readonly addresses: readonly EmailAddress[];
}

export interface EmailHeader {
  readonly name: string;
  readonly value: string;
}

/** RFC 8621 4.1.2: `header:Name[:asForm][:all]`; forms of a header field. */
export const headerForms = [
  'asRaw',
  'asText',
  'asAddresses',
  'asGroupedAddresses',
  'asMessageIds',
  'asDate',
  'asURLs',
] as const;
export type HeaderForm = (typeof headerForms)[number];
export type HeaderProperty = `header:${string}`;
export type HeaderValue =
  | string
  | null
  | readonly string[]
  | readonly EmailAddress[]
  | readonly EmailAddressGroup[]
  | readonly HeaderValue[];

/** RFC 8621 4.1.4. */
export interface EmailBodyPart {
  /** null for multipart/*. */
  readonly partId: string | null;
  readonly blobId: Id | null;
  readonly size: number;
  readonly headers?: readonly EmailHeader[];
  readonly name: string | null;
  readonly type: string;
  readonly charset: string | null;
  readonly disposition: string | null;
  readonly cid: string | null;
  readonly language: readonly string[] | null;
  readonly location: string | null;
  readonly subParts?: readonly EmailBodyPart[] | null;
  readonly [header: HeaderProperty]: HeaderValue;
}

export interface EmailBodyValue {
  readonly value: string;
  readonly isEncodingProblem?: boolean;
  readonly isTruncated?: boolean;
}

/** Keywords in lower case (RFC 8621 4.1.1). */
export interface Email {
  readonly id: Id;
  readonly blobId: Id;
  readonly threadId: Id;
  readonly mailboxIds: Readonly<Record<Id, true>>;
  readonly keywords: Readonly<Record<string, true>>;
  readonly size: number;
  readonly receivedAt: UTCDate;
  readonly headers: readonly EmailHeader[];
  readonly messageId: readonly string[] | null;
  readonly inReplyTo: readonly string[] | null;
  readonly references: readonly string[] | null;
  readonly sender: readonly EmailAddress[] | null;
  readonly from: readonly EmailAddress[] | null;
  readonly to: readonly EmailAddress[] | null;
  readonly cc: readonly EmailAddress[] | null;
  readonly bcc: readonly EmailAddress[] | null;
  readonly replyTo: readonly EmailAddress[] | null;
  readonly subject: string | null;
  readonly sentAt: DateWithOffset | null;
  readonly bodyStructure: EmailBodyPart;
  readonly bodyValues: Readonly<Record<string, EmailBodyValue>>;
  readonly textBody: readonly EmailBodyPart[];
  readonly htmlBody: readonly EmailBodyPart[];
  readonly attachments: readonly EmailBodyPart[];
  readonly hasAttachment: boolean;
  readonly preview: string;
  readonly [header: HeaderProperty]: HeaderValue;
}

/** RFC 8621 4.2. */
export interface EmailGetArguments extends GetArguments, BodyArguments {}

export interface BodyArguments {
  readonly bodyProperties?: readonly string[];
  readonly fetchTextBodyValues?: boolean;
  readonly fetchHTMLBodyValues?: boolean;
  readonly fetchAllBodyValues?: boolean;
  /** 0: no limit. */
  readonly maxBodyValueBytes?: number;
}

/** RFC 8621 4.4.1. */
export interface EmailFilterCondition {
  readonly inMailbox?: Id;
  readonly inMailboxOtherThan?: readonly Id[];
  readonly before?: UTCDate;
  readonly after?: UTCDate;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly allInThreadHaveKeyword?: string;
  readonly someInThreadHaveKeyword?: string;
  readonly noneInThreadHaveKeyword?: string;
  readonly hasKeyword?: string;
  readonly notKeyword?: string;
  readonly hasAttachment?: boolean;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly bcc?: string;
  readonly subject?: string;
  readonly body?: string;
  /** Name, and if present what it must contain. */
  readonly header?: readonly [name: string] | readonly [name: string, value: string];
}

/** RFC 8621 4.4.2. */
export const emailSortProperties = [
  'receivedAt',
  'size',
  'from',
  'to',
  'subject',
  'sentAt',
  'hasKeyword',
  'allInThreadHaveKeyword',
  'someInThreadHaveKeyword',
] as const;
export type EmailSortProperty = (typeof emailSortProperties)[number];

export interface EmailComparator extends Comparator<EmailSortProperty> {
  /** Of the three that end in Keyword. */
  readonly keyword?: string;
}

export interface EmailQueryArguments extends QueryArguments<EmailFilterCondition, EmailComparator> {
  readonly collapseThreads?: boolean;
}

export interface EmailQueryChangesArguments extends QueryChangesArguments<EmailFilterCondition, EmailComparator> {
  readonly collapseThreads?: boolean;
}

export type EmailChangesResponse = ChangesResponse;

/** RFC 8621 4.6: a part of a message to be made: its octets are in `bodyValues`, or are a blob's. */
export interface NewBodyPart {
  readonly type?: string;
  /** With parameters, which `type` has no room for; one of the two. */
  readonly 'header:Content-Type:asText'?: string;
  readonly partId?: string;
  readonly blobId?: Id;
  readonly name?: string;
  readonly cid?: string;
  readonly disposition?: 'inline' | 'attachment';
  readonly subParts?: readonly NewBodyPart[];
}

/** RFC 8621 4.6: what `Email/set` makes a message of. */
export interface NewEmail
  extends Partial<
    Pick<
      Email,
      | 'keywords'
      | 'receivedAt'
      | 'messageId'
      | 'inReplyTo'
      | 'references'
      | 'from'
      | 'to'
      | 'cc'
      | 'bcc'
      | 'replyTo'
      | 'subject'
      | 'sentAt'
    >
  > {
  readonly mailboxIds: Email['mailboxIds'];
  readonly bodyStructure: NewBodyPart;
  readonly bodyValues: Readonly<Record<string, EmailBodyValue>>;
}

/** RFC 8621 4.6. */
export interface EmailSetArguments extends Omit<SetArguments<Email>, 'create'> {
  readonly create?: Readonly<Record<Id, NewEmail>> | null;
}

/** RFC 8621 4.8. */
export interface EmailImport {
  readonly blobId: Id;
  readonly mailboxIds: Readonly<Record<Id, true>>;
  readonly keywords?: Readonly<Record<string, true>>;
  readonly receivedAt?: UTCDate;
}

export interface EmailImportArguments {
  readonly accountId: Id;
  readonly ifInState?: string | null;
  readonly emails: Readonly<Record<Id, EmailImport>>;
}

export interface EmailImportResponse {
  readonly accountId: Id;
  readonly oldState: string | null;
  readonly newState: string;
  readonly created: Readonly<Record<Id, Pick<Email, 'id' | 'blobId' | 'threadId' | 'size'>>> | null;
  readonly notCreated: Readonly<Record<Id, SetError>> | null;
}

/** RFC 8621 4.9. */
export interface EmailParseArguments extends BodyArguments {
  readonly accountId: Id;
  readonly blobIds: readonly Id[];
  readonly properties?: readonly string[] | null;
}

export interface EmailParseResponse {
  readonly accountId: Id;
  readonly parsed: Readonly<Record<Id, Partial<Email>>> | null;
  readonly notParsable: readonly Id[] | null;
  readonly notFound: readonly Id[] | null;
}

/** RFC 8621 5: HTML, where only `<mark>` is markup. */
export interface SearchSnippet {
  readonly emailId: Id;
  readonly subject: string | null;
  readonly preview: string | null;
}

export interface SearchSnippetGetResponse {
  readonly accountId: Id;
  readonly list: readonly SearchSnippet[];
  readonly notFound: readonly Id[] | null;
}
