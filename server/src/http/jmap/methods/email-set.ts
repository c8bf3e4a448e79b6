/** Email/set (RFC 8621 4.6): whatever is created, changed and destroyed by one call is one entry of the log. */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { SetError } from '@vaguemestre/shared/jmap/errors';
import type { Clock } from '../../../kernel/clock.js';
import type { CreatedEmail, EmailCreate, EmailRefusal, EmailUpdate } from '../../../mailstore/email-set.js';
import { formatBlobId } from '../blobs/blob-id.js';
import { openBlob } from '../blobs/open-blob.js';
import { defaultBodyProperties } from '../email/body-part.js';
import { readEmailPatch } from '../email/email-patch.js';
import { emailProperties, isHeaderPropertyName } from '../email/email-properties.js';
import { setErrorOfRefusal } from '../email/email-refusals.js';
import { newEmail } from '../email/new-email.js';
import { readEmails } from '../email/read-emails.js';
import { stageEmail } from '../email/stage-email.js';
import { setErrorFrom } from '../error-types.js';
import type { JmapMethod, JsonObject, MethodContext } from '../method.js';
import { realId } from '../standard/get.js';
import { type SetOutcome, type SetRequest, setMethod } from '../standard/set.js';
import { invalidProperties, SetFailure } from '../standard/set-failure.js';
import { accountState, modseqOf } from '../standard/state.js';
import { isSame } from '../values.js';

export interface EmailParts {
  /** Octets of one message. */
  readonly maxMessageBytes: number;
  readonly clock: Clock;
}

export function emailSet(parts: EmailParts): JmapMethod {
  return setMethod<string | undefined>({
    name: 'Email',
    capability: capability.mail,
    state: ({ account }) => accountState(account),
    extra: (args) => args.optionalString('ifInState'),
    async run(request, outcome, context, ifInState) {
      const { account, createdIds } = context;
      const creations = await stageCreations(request, outcome, context, parts);
      const { updates, destroys, later } = await readChanges(request, outcome, context);
      const ifModseq = ifInState === undefined ? {} : { ifModseq: modseqOf(ifInState, account) };
      const creates = [...creations.values()];
      const result = await account.setEmails({ creates, updates, destroys, ...ifModseq });
      outcome.between(String(result.before), String(result.modseq));
      for (const [i, creationId] of [...creations.keys()].entries())
        tellCreated(outcome, creationId, result.created[i]!);
      tellChanged(outcome, updates, destroys, result);
      if (later.size === 0) return undefined;
      // What was created above is changed by its creation id: a second entry.
      const again = await readChanges({ create: new Map(), ...resolved(later, createdIds) }, outcome, context);
      const more = await account.setEmails({ creates: [], updates: again.updates, destroys: again.destroys });
      outcome.between(String(result.before), String(more.modseq));
      tellChanged(outcome, again.updates, again.destroys, more);
      return undefined;
    },
  });
}

async function stageCreations(
  { create }: SetRequest,
  outcome: SetOutcome,
  context: MethodContext,
  { maxMessageBytes, clock }: EmailParts,
): Promise<ReadonlyMap<string, EmailCreate>> {
  const { account, createdIds, signal, signedIn } = context;
  const creations = new Map<string, EmailCreate>();
  const { address } = signedIn.principal;
  for (const [creationId, object] of create) {
    const failed = await failureOf(async () => {
      const { octets, ...place } = await newEmail(object, {
        open: (blobId) => openBlob(account, realId(blobId, createdIds), signal),
        domain: address.slice(address.lastIndexOf('@') + 1),
        nowMs: clock.nowMs(),
        realId: (id) => realId(id, createdIds),
      });
      const message = await stageEmail(account, octets(), maxMessageBytes, signal);
      const { receivedAt, ...where } = place;
      creations.set(creationId, { message, ...where, ...(receivedAt === undefined ? {} : { receivedAt }) });
    });
    if (failed !== undefined) outcome.notCreated(creationId, failed);
  }
  return creations;
}

interface Changes {
  readonly updates: readonly EmailUpdate[];
  readonly destroys: readonly string[];
  /** By creation ids of this very call: patches, or undefined to destroy. */
  readonly later: ReadonlyMap<string, JsonObject | undefined>;
}

async function readChanges(
  { create, update, destroy }: SetRequest,
  outcome: SetOutcome,
  context: MethodContext,
): Promise<Changes> {
  const later = new Map<string, JsonObject | undefined>();
  const isLater = (id: string): boolean => id.startsWith('#') && create.has(id.slice(1));
  const updates: EmailUpdate[] = [];
  for (const [id, patch] of update) {
    if (isLater(id)) {
      later.set(id, patch);
      continue;
    }
    const failed = await failureOf(async () => {
      const read = readEmailPatch(id, patch, (given) => realId(given, context.createdIds));
      await assertUnchanged(id, read.unchanged, context);
      updates.push(read.update);
    });
    if (failed !== undefined) outcome.notUpdated(id, failed);
  }
  for (const id of destroy) if (isLater(id)) later.set(id, undefined);
  return { updates, destroys: destroy.filter((id) => !isLater(id)), later };
}

function resolved(
  later: ReadonlyMap<string, JsonObject | undefined>,
  createdIds: ReadonlyMap<string, string>,
): Pick<SetRequest, 'update' | 'destroy'> {
  const update = new Map<string, JsonObject>();
  const destroy: string[] = [];
  for (const [given, patch] of later) {
    const id = realId(given, createdIds);
    if (patch === undefined) destroy.push(id);
    else update.set(id, patch);
  }
  return { update, destroy };
}

/** RFC 8620 5.3: an object may come back whole; what cannot be changed must then be what it is. */
async function assertUnchanged(id: string, given: JsonObject, { account, signal }: MethodContext): Promise<void> {
  const names = Object.keys(given);
  if (names.length === 0) return;
  const unknown = names.filter(
    (name) => !(emailProperties as readonly string[]).includes(name) && !isHeaderPropertyName(name),
  );
  if (unknown.length > 0) throw invalidProperties(unknown, 'An email has no such property');
  const body = { properties: defaultBodyProperties, text: false, html: false, all: false, maxBytes: 0 };
  const [now] = await readEmails(account, await account.emails(), [id], new Set(names), body, signal);
  if (now === undefined) throw new SetFailure({ type: 'notFound' });
  const wrong = names.filter((name) => !isSame(JSON.parse(JSON.stringify(now[name])), given[name]));
  if (wrong.length > 0) throw invalidProperties(wrong, 'A message is never changed: create another one');
}

async function failureOf(work: () => Promise<void>): Promise<SetError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof SetFailure ? error.error : setErrorFrom(error);
  }
}

export function tellCreated(
  outcome: Pick<SetOutcome, 'created' | 'notCreated'>,
  creationId: string,
  result: CreatedEmail | EmailRefusal,
): void {
  if ('refused' in result) outcome.notCreated(creationId, setErrorOfRefusal(result));
  else {
    const { id, thread, size } = result;
    outcome.created(creationId, { id, blobId: formatBlobId({ of: 'email', id, part: [] }), threadId: thread, size });
  }
}

function tellChanged(
  outcome: SetOutcome,
  updates: readonly EmailUpdate[],
  destroys: readonly string[],
  result: {
    readonly updated: readonly (EmailRefusal | undefined)[];
    readonly destroyed: readonly (EmailRefusal | undefined)[];
  },
): void {
  for (const [i, { id }] of updates.entries()) {
    const refusal = result.updated[i];
    if (refusal === undefined) outcome.updated(id, null);
    else outcome.notUpdated(id, setErrorOfRefusal(refusal));
  }
  for (const [i, id] of destroys.entries()) {
    const refusal = result.destroyed[i];
    if (refusal === undefined) outcome.destroyed(id);
    else outcome.notDestroyed(id, setErrorOfRefusal(refusal));
  }
}
