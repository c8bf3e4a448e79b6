/** Every method that the webmail calls, with its arguments and its response. `accountId` is the client's to add. */

import type { ResultReference } from '@vaguemestre/shared/jmap/core';
import type {
  Email,
  EmailChangesResponse,
  EmailFilterCondition,
  EmailGetArguments,
  EmailImportArguments,
  EmailImportResponse,
  EmailParseArguments,
  EmailParseResponse,
  EmailQueryArguments,
  EmailQueryChangesArguments,
  EmailSetArguments,
  SearchSnippetGetResponse,
} from '@vaguemestre/shared/jmap/email';
import type { Mailbox, MailboxChangesResponse, MailboxSetArguments } from '@vaguemestre/shared/jmap/mailbox';
import type {
  ChangesArguments,
  ChangesResponse,
  Filter,
  GetArguments,
  GetResponse,
  QueryArguments,
  QueryChangesResponse,
  QueryResponse,
  SetArguments,
  SetResponse,
} from '@vaguemestre/shared/jmap/methods';
import type { Quota } from '@vaguemestre/shared/jmap/quota';
import type {
  EmailSubmission,
  EmailSubmissionComparator,
  EmailSubmissionFilterCondition,
  EmailSubmissionSetArguments,
  Identity,
} from '@vaguemestre/shared/jmap/submission';
import type { Thread } from '@vaguemestre/shared/jmap/thread';

interface Method<A, R> {
  readonly args: Omit<A, 'accountId'>;
  readonly response: R;
}

export interface Methods {
  'Mailbox/get': Method<GetArguments, GetResponse<Mailbox>>;
  'Mailbox/changes': Method<ChangesArguments, MailboxChangesResponse>;
  'Mailbox/set': Method<MailboxSetArguments, SetResponse<Mailbox>>;
  'Thread/get': Method<GetArguments, GetResponse<Thread>>;
  'Thread/changes': Method<ChangesArguments, ChangesResponse>;
  /** Which properties come is the caller's to know: it named them. */
  'Email/get': Method<EmailGetArguments, GetResponse<Partial<Email> & { readonly id: string }>>;
  'Email/changes': Method<ChangesArguments, EmailChangesResponse>;
  'Email/query': Method<EmailQueryArguments, QueryResponse>;
  'Email/queryChanges': Method<EmailQueryChangesArguments, QueryChangesResponse>;
  'Email/set': Method<EmailSetArguments, SetResponse<Email>>;
  'Email/import': Method<EmailImportArguments, EmailImportResponse>;
  'Email/parse': Method<EmailParseArguments, EmailParseResponse>;
  'SearchSnippet/get': Method<
    { readonly filter?: Filter<EmailFilterCondition> | null; readonly emailIds?: readonly string[] },
    SearchSnippetGetResponse
  >;
  'Identity/get': Method<GetArguments, GetResponse<Identity>>;
  'Identity/changes': Method<ChangesArguments, ChangesResponse>;
  'Identity/set': Method<SetArguments<Identity>, SetResponse<Identity>>;
  'EmailSubmission/get': Method<GetArguments, GetResponse<EmailSubmission>>;
  'EmailSubmission/changes': Method<ChangesArguments, ChangesResponse>;
  'EmailSubmission/query': Method<
    QueryArguments<EmailSubmissionFilterCondition, EmailSubmissionComparator>,
    QueryResponse
  >;
  'EmailSubmission/set': Method<EmailSubmissionSetArguments, SetResponse<EmailSubmission>>;
  'Quota/get': Method<GetArguments, GetResponse<Quota>>;
}

export type MethodName = keyof Methods;
export type ResponseOf<N extends MethodName> = Methods[N]['response'];

/** RFC 8620 3.7: any argument may be given as `#name`, a reference into an earlier response of the same request. */
type Referring<A> = { readonly [K in keyof A as K extends string ? `#${K}` : never]?: ResultReference };
export type ArgumentsOf<N extends MethodName> = Methods[N]['args'] & Referring<Methods[N]['args']>;
