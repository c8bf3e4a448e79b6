/** Mailboxes of a person over JMAP, for tests that are about something else. */
import assert from 'node:assert/strict';
import type { Answer, JmapPerson } from './jmap-service.js';

/** The id of the new mailbox. */
export async function createMailbox(person: JmapPerson, object: Answer): Promise<string> {
  const done = await person.call('Mailbox/set', { create: { new: object } });
  assert.equal(done.notCreated, null, JSON.stringify(done.notCreated));
  return done.created.new.id;
}

/** The SetError, or `updated` with what else changed. */
export async function updateMailbox(person: JmapPerson, id: string, patch: Answer): Promise<Answer> {
  const done = await person.call('Mailbox/set', { update: { [id]: patch } });
  return done.notUpdated?.[id] ?? { updated: done.updated[id] };
}

export const mailboxIdOf = (person: JmapPerson, path: string): string => person.account.mailbox(path)!.id;
