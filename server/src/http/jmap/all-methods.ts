/** Every JMAP method of the service, by name. A new one is added here and nowhere else. */
import { type MethodTable, methodTable } from './engine.js';
import { coreEcho } from './methods/core-echo.js';
import { emailChanges } from './methods/email-changes.js';
import { emailGet } from './methods/email-get.js';
import { emailQueryChanges, emailQueryMethod } from './methods/email-query.js';
import { emailSubmissionMethods } from './methods/email-submission.js';
import { identityMethods } from './methods/identity.js';
import { mailboxChanges, mailboxGet } from './methods/mailbox-get.js';
import { mailboxQuery, mailboxQueryChanges } from './methods/mailbox-query.js';
import { mailboxSet } from './methods/mailbox-set.js';
import { quotaMethods } from './methods/quota.js';
import { threadChanges, threadGet } from './methods/thread.js';
import type { SubmissionParts } from './submission/create-submission.js';

/** What methods need beside the account of the request. */
export interface MethodParts extends SubmissionParts {}

export function allMethods(parts: MethodParts): MethodTable {
  return methodTable([
    coreEcho,
    mailboxGet,
    mailboxChanges,
    mailboxQuery,
    mailboxQueryChanges,
    mailboxSet,
    threadGet,
    threadChanges,
    ...quotaMethods,
    emailChanges,
    emailGet,
    emailQueryMethod,
    emailQueryChanges,
    ...identityMethods(parts),
    ...emailSubmissionMethods(parts),
  ]);
}
