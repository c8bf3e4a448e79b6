/** Every JMAP method of the service, by name. A new one is added here and nowhere else. */
import { type MethodTable, methodTable } from './engine.js';
import { blobCopy } from './methods/blob-copy.js';
import { blobGet } from './methods/blob-get.js';
import { blobLookup } from './methods/blob-lookup.js';
import { blobUpload } from './methods/blob-upload.js';
import { coreEcho } from './methods/core-echo.js';
import { emailChanges } from './methods/email-changes.js';
import { emailCopy } from './methods/email-copy.js';
import { emailGet } from './methods/email-get.js';
import { emailImport } from './methods/email-import.js';
import { emailParse } from './methods/email-parse.js';
import { emailQueryChanges, emailQueryMethod } from './methods/email-query.js';
import { type EmailParts, emailSet } from './methods/email-set.js';
import { emailSubmissionMethods } from './methods/email-submission.js';
import { identityMethods } from './methods/identity.js';
import { mailboxChanges, mailboxGet } from './methods/mailbox-get.js';
import { mailboxQuery, mailboxQueryChanges } from './methods/mailbox-query.js';
import { mailboxSet } from './methods/mailbox-set.js';
import { type PushParts, pushSubscriptionMethods } from './methods/push-subscription.js';
import { quotaMethods } from './methods/quota.js';
import { searchSnippetGet } from './methods/search-snippet-get.js';
import { threadChanges, threadGet } from './methods/thread.js';
import type { SubmissionParts } from './submission/create-submission.js';

/** What methods need beside the account of the request. */
export interface MethodParts extends SubmissionParts, EmailParts, PushParts {}

export function allMethods(parts: MethodParts): MethodTable {
  return methodTable([
    coreEcho,
    blobCopy,
    blobUpload,
    blobGet,
    blobLookup,
    ...pushSubscriptionMethods(parts),
    mailboxGet,
    mailboxChanges,
    mailboxQuery,
    mailboxQueryChanges,
    mailboxSet,
    threadGet,
    threadChanges,
    ...quotaMethods,
    emailChanges,
    emailCopy,
    emailGet,
    emailImport(parts),
    emailParse,
    emailQueryMethod,
    emailQueryChanges,
    emailSet(parts),
    searchSnippetGet,
    ...identityMethods(parts),
    ...emailSubmissionMethods(parts),
  ]);
}
