/** Every JMAP method of the service, by name. A new one is added here and nowhere else. */
import { type MethodTable, methodTable } from './engine.js';
import { coreEcho } from './methods/core-echo.js';
import { emailChanges } from './methods/email-changes.js';
import { emailGet } from './methods/email-get.js';
import { emailQueryChanges, emailQueryMethod } from './methods/email-query.js';
import { emailSubmissionMethods } from './methods/email-submission.js';
import { identityMethods } from './methods/identity.js';
import type { SubmissionParts } from './submission/create-submission.js';

/** What methods need beside the account of the request. */
export interface MethodParts extends SubmissionParts {}

export function allMethods(parts: MethodParts): MethodTable {
  return methodTable([
    coreEcho,
    emailChanges,
    emailGet,
    emailQueryMethod,
    emailQueryChanges,
    ...identityMethods(parts),
    ...emailSubmissionMethods(parts),
  ]);
}
