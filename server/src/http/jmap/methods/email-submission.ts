/**
 * EmailSubmission/get, /changes, /query, /queryChanges and /set (RFC 8621 7). A submission is created to send an email, and updated
 * to take it back; what becomes of it is shown per recipient.
 */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { EmailSubmissionFilterCondition } from '@vaguemestre/shared/jmap/submission';
import { maxJmapObjectsInGet } from '../../../kernel/limits.js';
import type { Submission, SubmissionSummary } from '../../../outbox/submission.js';
import { type ExtraResponse, type JmapMethod, type JsonObject, type MethodContext, MethodError } from '../method.js';
import type { ArgumentReader } from '../standard/arguments.js';
import { changesMethod } from '../standard/changes.js';
import { type ConditionTypes, matchesFilter, type ParsedFilter, parseFilter } from '../standard/filter.js';
import { getMethod, realId } from '../standard/get.js';
import { checkedUpdate, type Properties } from '../standard/properties.js';
import { deltaOfChanged, idList, queryChangesMethod, queryMethod } from '../standard/query.js';
import { eachObject, setMethod } from '../standard/set.js';
import { notFound, SetFailure } from '../standard/set-failure.js';
import { compareBy, type ParsedComparator, readSort } from '../standard/sort.js';
import { cannotCalculateChanges } from '../standard/state.js';
import { createSubmission, type SubmissionParts } from '../submission/create-submission.js';
import { submissionObject, submissionProperties } from '../submission/submission-object.js';
import { isObject, isStringArray, utcDateMs } from '../values.js';

const type = { name: 'EmailSubmission', capability: capability.submission } as const;

export function emailSubmissionMethods(parts: SubmissionParts): readonly JmapMethod[] {
  const { outbox } = parts;
  const summaries = ({ account }: MethodContext) => outbox.summaries(account.id);
  const state = ({ account }: MethodContext) => outbox.state(account.id);
  const changesSince = async (since: string, { account }: MethodContext) => {
    const changes = await outbox.changesSince(account.id, since);
    if (changes === undefined) throw cannotCalculateChanges();
    return changes;
  };

  return [
    getMethod({
      ...type,
      properties: submissionProperties,
      state,
      async read({ ids }, context) {
        // Of too many, ids alone are enough to say that they are.
        const wanted = ids ?? (await summaries(context)).map(({ id }) => id);
        if (wanted.length > maxJmapObjectsInGet) return wanted.map((id) => ({ id }));
        return (await outbox.get(context.account.id, wanted)).map(submissionObject);
      },
    }),
    changesMethod({
      ...type,
      async changes(since, maxChanges, context) {
        const { state: newState, created, updated, destroyed } = await changesSince(since, context);
        // RFC 8620 5.2: there is no state in between to stop at.
        if (created.length + updated.length + destroyed.length > (maxChanges ?? Number.POSITIVE_INFINITY)) {
          throw cannotCalculateChanges();
        }
        return { newState, hasMoreChanges: false, created, updated, destroyed };
      },
    }),
    queryMethod({
      ...type,
      parse: parseQuery,
      async results(query, context) {
        const queryState = await state(context);
        return { queryState, canCalculateChanges: true, ids: idList(matching(await summaries(context), query)) };
      },
    }),
    queryChangesMethod({
      ...type,
      parse: parseQuery,
      async delta(query, { state: since }, context) {
        const { state: newQueryState, created, updated, destroyed } = await changesSince(since, context);
        const changed = new Set([...created, ...updated, ...destroyed]);
        return { newQueryState, ...deltaOfChanged(matching(await summaries(context), query), changed) };
      },
    }),
    setMethod({
      ...type,
      extra: readOnSuccess,
      state,
      async run(request, outcome, context, onSuccess) {
        /** Emails of the submissions that were changed as asked. */
        const emails = new Map<string, string>();
        const find = async (id: string): Promise<Submission> => {
          const [found] = await outbox.get(context.account.id, [id]);
          if (found === undefined) throw notFound();
          return found;
        };
        await eachObject(request, outcome, context, {
          async create(object) {
            const submission = await createSubmission(parts, object, context);
            emails.set(submission.id, submission.emailId);
            const made = submissionObject(submission);
            // RFC 8620 5.3: what the client gave it knows.
            const { identityId: _identity, emailId: _email, envelope, ...set } = made;
            return isObject(object['envelope']) ? set : { ...set, envelope };
          },
          async update(id, patch) {
            const submission = await find(id);
            await cancelIfAsked(parts, context, submission, patch);
            emails.set(id, submission.emailId);
            return null;
          },
          async destroy(id) {
            const submission = await find(id);
            await outbox.destroy(context.account.id, id);
            emails.set(id, submission.emailId);
          },
        });
        return changeEmails(onSuccess, emails, context);
      },
    }),
  ];
}

/** Only `undoStatus` can be changed, and only to `canceled`. */
const properties: Properties = {
  ...Object.fromEntries(submissionProperties.map((name) => [name, { setBy: 'server' }] as const)),
  undoStatus: { setBy: 'client', is: (value) => value === 'canceled' },
};

async function cancelIfAsked(
  { outbox }: SubmissionParts,
  { account }: MethodContext,
  submission: Submission,
  patch: JsonObject,
): Promise<void> {
  const { changed } = checkedUpdate(submissionObject(submission), patch, properties);
  if (changed.length === 0) return;
  const result = await outbox.cancel(account.id, submission.id);
  if (result === 'nonexistent') throw notFound();
  if (result === 'cancelled') return;
  throw new SetFailure({ type: 'cannotUnsend', description: 'It is too late: somebody has the message already' });
}

interface OnSuccess {
  readonly update: JsonObject;
  readonly destroy: readonly string[];
}

function readOnSuccess(args: ArgumentReader): OnSuccess {
  return { update: args.object('onSuccessUpdateEmail') ?? {}, destroy: args.ids('onSuccessDestroyEmail') ?? [] };
}

/** RFC 8621 7.5: one implicit Email/set for the emails of what succeeded; its response follows. */
async function changeEmails(
  onSuccess: OnSuccess,
  emails: ReadonlyMap<string, string>,
  context: MethodContext,
): Promise<readonly ExtraResponse[] | undefined> {
  const emailOf = (id: string): string | undefined => emails.get(realId(id, context.createdIds));
  const update = new Map<string, unknown>();
  for (const [id, patch] of Object.entries(onSuccess.update)) {
    const email = emailOf(id);
    if (email !== undefined) update.set(email, patch);
  }
  const destroy = onSuccess.destroy.flatMap((id) => emailOf(id) ?? []);
  if (update.size === 0 && destroy.length === 0) return undefined;
  const args = { accountId: context.account.id, update: Object.fromEntries(update), destroy };
  try {
    const { response, extra = [] } = await context.call('Email/set', args);
    return [{ name: 'Email/set', arguments: response }, ...extra];
  } catch (error) {
    // The message goes out whatever becomes of the sender's copy: this call has succeeded.
    if (!(error instanceof MethodError)) throw error;
    return [{ name: 'error', arguments: { ...error.more, type: error.type, description: error.message } }];
  }
}

interface Query {
  readonly filter: ParsedFilter<EmailSubmissionFilterCondition> | undefined;
  readonly sort: readonly ParsedComparator[];
}

/** RFC 8621 7.3. */
const conditionTypes: ConditionTypes = {
  identityIds: isStringArray,
  emailIds: isStringArray,
  threadIds: isStringArray,
  undoStatus: (value) => value === 'pending' || value === 'final' || value === 'canceled',
  before: (value) => utcDateMs(value) !== undefined,
  after: (value) => utcDateMs(value) !== undefined,
};

function parseQuery(args: ArgumentReader): Query {
  return {
    filter: parseFilter(args.raw('filter'), conditionTypes),
    sort: readSort(args, ['emailId', 'threadId', 'sentAt']),
  };
}

function matching(all: readonly SubmissionSummary[], { filter, sort }: Query): readonly string[] {
  const found = all.filter((submission) => matchesFilter(filter, (condition) => matches(submission, condition)));
  const compare = compareBy<SubmissionSummary>(sort, (property, x, y) => {
    if (property === 'sentAt') return x.sendAt.getTime() - y.sendAt.getTime();
    const [a, b] = property === 'emailId' ? [x.emailId, y.emailId] : [x.threadId, y.threadId];
    return a < b ? -1 : a > b ? 1 : 0;
  });
  // Sorting is stable: what is equal stays in the order in which it was handed in.
  return found.sort(compare).map(({ id }) => id);
}

function matches(submission: SubmissionSummary, condition: EmailSubmissionFilterCondition): boolean {
  const { identityIds, emailIds, threadIds, undoStatus, before, after } = condition;
  const sendAtMs = submission.sendAt.getTime();
  return (
    identityIds?.includes(submission.identityId) !== false &&
    emailIds?.includes(submission.emailId) !== false &&
    threadIds?.includes(submission.threadId) !== false &&
    (undoStatus === undefined || undoStatus === submission.undoStatus) &&
    (before === undefined || sendAtMs < utcDateMs(before)!) &&
    (after === undefined || sendAtMs >= utcDateMs(after)!)
  );
}
