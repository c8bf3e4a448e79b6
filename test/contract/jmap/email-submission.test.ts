import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { maxDelayedSendSeconds, maxRecipients } from '@vaguemestre/server/kernel/limits';
import {
  type Answer,
  type Arguments,
  type JmapPerson,
  type JmapService,
  startJmapService,
} from '../../harness/jmap-service.js';
import { movingClock } from '../../harness/moving-clock.js';
import { inboxOf, readAll, stageMessage } from '../../harness/store-messages.js';

describe('EmailSubmission', () => {
  const clock = movingClock(Date.now());
  let service: JmapService;
  let anne: JmapPerson;
  let bruno: JmapPerson;
  let intern: JmapPerson;
  let identityId: string;
  before(async () => {
    service = await startJmapService({ clock, maxUploadBytes: 100_000 });
    anne = await service.person({ aliases: ['direction@labo.example'], lang: 'fr' });
    bruno = await service.person();
    intern = await service.person({ role: 'intern', from: '203.0.113.7' });
    identityId = (await anne.call('Identity/get', { ids: null })).list[0].id;
  });
  after(() => service.close());

  const headerOf = (fields: Record<string, string>) =>
    Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');

  /** A draft of `who`; the header is from and to the two of them unless it says otherwise. */
  async function draft(who: JmapPerson, fields: Record<string, string> = {}, body = 'Bonjour\r\n'): Promise<string> {
    const header = headerOf({
      From: `Anne <${who.principal.address}>`,
      To: bruno.principal.address,
      Subject: 'x',
      ...fields,
    });
    const message = await stageMessage(who.account, Buffer.from(`${header}\r\n${body}`));
    const drafts = who.account.mailboxByRole('drafts')!.id;
    const { ids } = await who.account.append(drafts, [{ message, flags: ['\\Draft', '\\Seen'] }]);
    return ids[0]!;
  }

  const send = (who: JmapPerson, create: Arguments, more: Arguments = {}): Promise<Answer> =>
    who.call('EmailSubmission/set', { create: { c: { identityId, ...create } }, ...more });
  const handedIn = async (who: JmapPerson, create: Arguments, more: Arguments = {}): Promise<Answer> => {
    const set = await send(who, create, more);
    assert.equal(set.notCreated, null, JSON.stringify(set.notCreated));
    return set.created.c;
  };
  async function refusal(who: JmapPerson, create: Arguments): Promise<Answer> {
    const set = await send(who, create);
    assert.equal(set.created, null);
    return set.notCreated.c;
  }
  const get = async (who: JmapPerson, id: string): Promise<Answer> =>
    (await who.call('EmailSubmission/get', { ids: [id] })).list[0];

  async function inbox(who: JmapPerson): Promise<string[]> {
    await who.account.refresh();
    const cursor = await who.account.open(inboxOf(who.account));
    const all = await readAll(who.account, cursor.view);
    cursor.close();
    return all.map((octets) => octets.toString());
  }

  it('sends what one person of the laboratory writes to another', async () => {
    const emailId = await draft(anne, { Subject: 'premier', Bcc: 'direction@labo.example' });
    const { created, oldState, newState } = await send(anne, { emailId });
    const { id, envelope, undoStatus, threadId, deliveryStatus, sendAt } = created.c;
    assert.notEqual(oldState, newState);
    assert.deepEqual(envelope, {
      mailFrom: { email: anne.principal.address, parameters: null },
      rcptTo: [
        { email: bruno.principal.address, parameters: null },
        { email: 'direction@labo.example', parameters: null },
      ],
    });
    assert.equal(undoStatus, 'pending');
    assert.match(sendAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.ok(threadId.length > 0);
    assert.equal(deliveryStatus[bruno.principal.address].delivered, 'queued');
    await service.outbox.send();
    const after = await get(anne, id);
    assert.deepEqual([after.undoStatus, after.identityId, after.emailId], ['final', identityId, emailId]);
    assert.deepEqual(after.deliveryStatus[bruno.principal.address], {
      smtpReply: '250 2.1.5 Delivered',
      delivered: 'yes',
      displayed: 'unknown',
    });
    const [received] = await inbox(bruno);
    assert.match(received!, /Subject: premier/);
    assert.ok(!received!.includes('Bcc'));
    assert.equal((await inbox(anne)).length, 1, 'the copy to the alias');
    assert.deepEqual((await bruno.call('EmailSubmission/get', { ids: [id] })).notFound, [id], "another's");
    assert.deepEqual((await bruno.call('EmailSubmission/get', { ids: null })).list, []);
  });

  it('can be undone while it is held, and not afterwards', async () => {
    const count = (await inbox(bruno)).length;
    const envelope = {
      mailFrom: { email: anne.principal.address, parameters: { holdFor: '20', ret: 'HDRS', ENVID: 'a b' } },
      rcptTo: [
        { email: bruno.principal.address, parameters: { NOTIFY: 'SUCCESS,FAILURE', ORCPT: 'rfc822;b@old.example' } },
      ],
    };
    const { created } = await send(anne, { emailId: await draft(anne), envelope });
    const { id, sendAt } = created.c;
    assert.equal(created.c.envelope, undefined, 'as it was given');
    assert.equal(Date.parse(sendAt), clock.nowMs() + 20_000);
    assert.deepEqual((await get(anne, id)).envelope, envelope);
    await service.outbox.send();
    const cancel = { update: { [id]: { undoStatus: 'canceled' } } };
    assert.equal((await bruno.call('EmailSubmission/set', cancel)).notUpdated[id].type, 'notFound');
    assert.deepEqual((await anne.call('EmailSubmission/set', cancel)).updated, { [id]: null });
    assert.deepEqual((await anne.call('EmailSubmission/set', cancel)).updated, { [id]: null });
    assert.equal((await get(anne, id)).undoStatus, 'canceled');
    clock.move(30_000);
    await service.outbox.send();
    assert.equal((await inbox(bruno)).length, count);

    const other = (await handedIn(anne, { emailId: await draft(anne), envelope })).id;
    clock.move(20_000);
    await service.outbox.send();
    assert.equal((await inbox(bruno)).length, count + 1);
    const late = await anne.call('EmailSubmission/set', { update: { [other]: { undoStatus: 'canceled' } } });
    assert.equal(late.notUpdated[other].type, 'cannotUnsend');
    assert.match(
      (await inbox(anne)).at(-1)!,
      /Original-Envelope-Id: a b\r\n[\s\S]*Original-Recipient: rfc822;b@old\.example/,
    );
  });

  it('goes when it was scheduled for', async () => {
    const count = (await inbox(bruno)).length;
    const at = new Date(clock.nowMs() + 3 * 24 * 3600_000);
    at.setUTCMilliseconds(0);
    const mailFrom = {
      email: anne.principal.address,
      parameters: { HOLDUNTIL: at.toISOString().replace('.000Z', 'Z') },
    };
    const rcptTo = [{ email: bruno.principal.address }];
    const { created } = await send(anne, { emailId: await draft(anne), envelope: { mailFrom, rcptTo } });
    assert.equal(Date.parse(created.c.sendAt), at.getTime());
    clock.move(3 * 24 * 3600_000 - 2_000);
    await service.outbox.send();
    assert.equal((await inbox(bruno)).length, count);
    clock.move(2_000);
    await service.outbox.send();
    assert.equal((await inbox(bruno)).length, count + 1);
    const { maxDelayedSend, submissionExtensions } = (await anne.session()).accounts[anne.accountId]!
      .accountCapabilities['urn:ietf:params:jmap:submission']!;
    assert.equal(maxDelayedSend, maxDelayedSendSeconds);
    assert.ok('FUTURERELEASE' in submissionExtensions && 'DSN' in submissionExtensions);
  });

  it('shows what is held and what failed, and tells of it by mail', async () => {
    const emailId = await draft(anne, { To: 'jean@ailleurs.example, personne@labo.example' });
    const { id } = await handedIn(anne, { emailId });
    await service.outbox.send();
    const { undoStatus, deliveryStatus } = await get(anne, id);
    assert.equal(undoStatus, 'pending', 'nobody has it');
    assert.equal(deliveryStatus['jean@ailleurs.example'].delivered, 'queued');
    assert.match(deliveryStatus['jean@ailleurs.example'].smtpReply, /^450 4\.4\.1 /);
    assert.deepEqual(deliveryStatus['personne@labo.example'], {
      smtpReply: '550 5.1.1 No such person here',
      delivered: 'no',
      displayed: 'unknown',
    });
    assert.match((await inbox(anne)).at(-1)!, /^Return-Path: <>[\s\S]*personne@labo\.example/);
  });

  it('refuses what is wrong, each with its own error', async () => {
    const emailId = await draft(anne);
    const from = { email: anne.principal.address };
    const to = [{ email: bruno.principal.address }];
    const typeOf = async (create: Arguments) => (await refusal(anne, create)).type;
    const enveloped = (envelope: unknown) => refusal(anne, { emailId, envelope });
    assert.deepEqual(await refusal(anne, { emailId: 'nothing' }), {
      type: 'invalidProperties',
      properties: ['emailId'],
      description: 'There is no such email',
    });
    assert.deepEqual((await refusal(anne, { emailId: await draft(bruno) })).properties, ['emailId'], "another's");
    assert.deepEqual((await refusal(anne, { emailId, identityId: 'nothing' })).properties, ['identityId']);
    assert.deepEqual((await refusal(anne, { emailId, sendAt: '2026-01-01T00:00:00Z' })).properties, ['sendAt']);
    assert.deepEqual((await refusal(anne, {})).properties, ['emailId']);
    assert.equal(await typeOf({ emailId: await draft(anne, { To: '' }) }), 'noRecipients');
    assert.equal((await enveloped({ mailFrom: from, rcptTo: [] })).type, 'noRecipients');
    const crowd = Array.from({ length: maxRecipients + 1 }, (_, i) => ({ email: `a${i}@x.example` }));
    const many = await enveloped({ mailFrom: from, rcptTo: crowd });
    assert.deepEqual([many.type, many.maxRecipients], ['tooManyRecipients', maxRecipients]);
    const wrong = await enveloped({ mailFrom: from, rcptTo: [...to, { email: 'nobody' }, { email: 'a b@x.example' }] });
    assert.deepEqual([wrong.type, wrong.invalidRecipients], ['invalidRecipients', ['nobody', 'a b@x.example']]);
    for (const email of [bruno.principal.address, 'a@ailleurs.example', '']) {
      assert.equal((await enveloped({ mailFrom: { email }, rcptTo: to })).type, 'forbiddenMailFrom', email);
    }
    assert.equal(await typeOf({ emailId: await draft(anne, { From: bruno.principal.address }) }), 'forbiddenFrom');
    assert.equal(await typeOf({ emailId: await draft(anne, { Sender: bruno.principal.address }) }), 'forbiddenFrom');
    assert.equal(await typeOf({ emailId: await draft(anne, { From: '' }) }), 'invalidEmail');
    const two = `${anne.principal.address}, direction@labo.example`;
    assert.equal(await typeOf({ emailId: await draft(anne, { From: two }) }), 'invalidEmail');
    const said = await refusal(anne, { emailId: await draft(anne, { From: bruno.principal.address }) });
    assert.equal(said.description, `${bruno.principal.address} n’est pas une de vos adresses.`, 'in their language');
    const large = await refusal(anne, { emailId: await draft(anne, {}, 'x'.repeat(110_000)) });
    assert.deepEqual([large.type, large.maxSize], ['tooLarge', 100_000]);
    for (const parameters of [
      { HOLDFOR: 'soon' },
      { HOLDFOR: null },
      { HOLDFOR: String(maxDelayedSendSeconds + 1) },
      { HOLDUNTIL: '2999-01-01T00:00:00Z' },
      { HOLDUNTIL: 'tomorrow' },
      { HOLDFOR: '1', holdfor: '2' },
      { HOLDFOR: '1', HOLDUNTIL: '2026-12-01T00:00:00Z' },
      { COLOUR: 'red' },
      { RET: 'ALL' },
      { SIZE: '1 HOLDFOR=5' },
    ]) {
      const refused = await enveloped({ mailFrom: { ...from, parameters }, rcptTo: to });
      assert.deepEqual(
        [refused.type, refused.properties],
        ['invalidProperties', ['envelope']],
        JSON.stringify(parameters),
      );
    }
    for (const envelope of [
      {},
      { mailFrom: from },
      { mailFrom: from, rcptTo: 'x' },
      { mailFrom: from, rcptTo: to, x: 1 },
      5,
    ]) {
      assert.deepEqual((await enveloped(envelope)).properties, ['envelope']);
    }
  });

  it('lets several authors write under one sender, and takes the identity when the header is of no use', async () => {
    const both = `${anne.principal.address}, direction@labo.example`;
    const { created } = await send(anne, {
      emailId: await draft(anne, { From: both, Sender: 'direction@labo.example' }),
    });
    assert.equal(created.c.envelope.mailFrom.email, 'direction@labo.example');
    const quoted = await handedIn(anne, {
      emailId: await draft(anne, { To: '"a b"@x.example, "a b"@X.EXAMPLE, c@x.example' }),
    });
    assert.deepEqual(
      quoted.envelope.rcptTo.map(({ email }: { email: string }) => email),
      ['"a b"@X.EXAMPLE', 'c@x.example'],
    );
  });

  it('tells who may not send from where they are what to do', async () => {
    const [own] = (await intern.call('Identity/get', { ids: null })).list;
    const set = await send(intern, { identityId: own.id, emailId: await draft(intern) });
    assert.equal(set.notCreated.c.type, 'forbiddenToSend');
    assert.match(set.notCreated.c.description, /network of the laboratory/);
  });

  it('changes the email when the message was handed in, in an implicit Email/set', async () => {
    const drafts = anne.account.mailboxByRole('drafts')!.id;
    const sent = anne.account.mailboxByRole('sent')!.id;
    const moved = await draft(anne, { Subject: 'va aux envoyés' });
    const gone = await draft(anne, { Subject: 'disparaît' });
    const kept = await draft(anne, { Subject: 'reste', To: '' });
    const { methodResponses } = await anne.request([
      [
        'EmailSubmission/set',
        {
          accountId: anne.accountId,
          create: {
            one: { identityId, emailId: moved },
            two: { identityId, emailId: gone },
            three: { identityId, emailId: kept },
          },
          onSuccessUpdateEmail: {
            '#one': { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, 'keywords/$draft': null },
            '#three': { [`mailboxIds/${sent}`]: true },
          },
          onSuccessDestroyEmail: ['#two', '#nothing'],
        },
        'call',
      ],
      [
        'Email/get',
        { accountId: anne.accountId, ids: [moved, gone, kept], properties: ['mailboxIds', 'keywords'] },
        'then',
      ],
    ]);
    const [[name, response, id], [implicit, set, sameId], [, emails]] = methodResponses as unknown as [
      [string, Answer, string],
      [string, Answer, string],
      [string, Answer, string],
    ];
    assert.deepEqual([name, id, implicit, sameId], ['EmailSubmission/set', 'call', 'Email/set', 'call']);
    assert.deepEqual(Object.keys(response.created), ['one', 'two']);
    assert.equal(response.notCreated.three.type, 'noRecipients');
    assert.deepEqual([Object.keys(set.updated), set.destroyed], [[moved], [gone]]);
    assert.deepEqual(emails.notFound, [gone]);
    const byId = new Map(emails.list.map((one: Answer) => [one.id, one]));
    assert.deepEqual((byId.get(moved) as Answer).mailboxIds, { [sent]: true });
    assert.deepEqual((byId.get(moved) as Answer).keywords, { $seen: true });
    assert.deepEqual((byId.get(kept) as Answer).mailboxIds, { [drafts]: true });
    await service.outbox.send();
    const arrived = (await inbox(bruno)).slice(-2);
    assert.ok(
      arrived.some((text) => text.includes('Subject: disparaît')),
      'what goes out is not the copy',
    );
  });

  it('is listed, filtered and sorted', async () => {
    const all: Answer[] = (await anne.call('EmailSubmission/get', { ids: null })).list;
    const query = async (args: Arguments): Promise<string[]> => (await anne.call('EmailSubmission/query', args)).ids;
    const idsOf = (of: Answer[]) => of.map(({ id }) => id);
    assert.deepEqual(await query({}), idsOf(all));
    for (const undoStatus of ['pending', 'final', 'canceled']) {
      const expected = idsOf(all.filter((one) => one.undoStatus === undoStatus));
      assert.ok(expected.length > 0);
      assert.deepEqual(await query({ filter: { undoStatus } }), expected);
    }
    const { emailId, threadId, sendAt } = all[2];
    assert.deepEqual(await query({ filter: { emailIds: [emailId] } }), [all[2].id]);
    assert.deepEqual(await query({ filter: { threadIds: [threadId], identityIds: [identityId] } }), [all[2].id]);
    assert.deepEqual(await query({ filter: { identityIds: ['x'] } }), []);
    const ms = (one: Answer) => Date.parse(one.sendAt);
    assert.deepEqual(await query({ filter: { before: sendAt } }), idsOf(all.filter((one) => ms(one) < ms(all[2]))));
    assert.deepEqual(await query({ filter: { after: sendAt } }), idsOf(all.filter((one) => ms(one) >= ms(all[2]))));
    const byDate = await query({ sort: [{ property: 'sentAt', isAscending: false }] });
    assert.deepEqual(byDate.toSorted(), idsOf(all).toSorted());
    const dates = byDate.map((id) => ms(all.find((one) => one.id === id)));
    assert.deepEqual(
      dates,
      dates.toSorted((x, y) => y - x),
    );
    assert.deepEqual((await query({ sort: [{ property: 'emailId' }], position: -1 })).length, 1);
    assert.equal(await anne.errorOf('EmailSubmission/query', { filter: { colour: 'red' } }), 'unsupportedFilter');
    assert.equal(await anne.errorOf('EmailSubmission/query', { sort: [{ property: 'colour' }] }), 'unsupportedSort');
  });

  it('knows what changed since any of its states', async () => {
    const { state } = await anne.call('EmailSubmission/get', { ids: [] });
    const { queryState, ids: before } = await anne.call('EmailSubmission/query', { filter: { undoStatus: 'pending' } });
    const since = (sinceState: string) => anne.call('EmailSubmission/changes', { sinceState });
    const none = await since(state);
    assert.deepEqual([none.newState, none.created, none.updated, none.destroyed], [state, [], [], []]);
    const one = (await handedIn(anne, { emailId: await draft(anne) }, { ifInState: state })).id;
    const two = (await handedIn(anne, { emailId: await draft(anne) })).id;
    assert.equal(await anne.errorOf('EmailSubmission/set', { destroy: [one], ifInState: state }), 'stateMismatch');
    const both = await since(state);
    assert.deepEqual([both.created, both.updated, both.destroyed], [[one, two], [], []]);
    await anne.call('EmailSubmission/set', { update: { [two]: { undoStatus: 'canceled' } }, destroy: [one] });
    const then = await since(both.newState);
    assert.deepEqual([then.created, then.updated, then.destroyed], [[], [two], [one]]);
    const whole = await since(state);
    assert.deepEqual([whole.created, whole.updated, whole.destroyed], [[two], [], []], 'what came and went is nobody');
    assert.equal(
      await anne.errorOf('EmailSubmission/changes', { sinceState: state, maxChanges: 0 }),
      'invalidArguments',
    );
    for (const sinceState of ['x', '', `${state}.`, state.replace('.', '')]) {
      assert.equal(await anne.errorOf('EmailSubmission/changes', { sinceState }), 'cannotCalculateChanges', sinceState);
    }
    const later = (await handedIn(anne, { emailId: await draft(anne) })).id;
    const query = { filter: { undoStatus: 'pending' }, sinceQueryState: queryState, calculateTotal: true };
    const delta = await anne.call('EmailSubmission/queryChanges', query);
    const now = (await anne.call('EmailSubmission/query', { filter: { undoStatus: 'pending' } })).ids;
    const result = before.filter((id: string) => !delta.removed.includes(id));
    for (const { id, index } of delta.added) result.splice(index, 0, id);
    assert.deepEqual(result, now);
    assert.ok(now.includes(later) && delta.total === now.length);
  });

  it('refuses what cannot be changed, and knows nothing of what was destroyed', async () => {
    const { id } = await handedIn(anne, { emailId: await draft(anne) });
    const update = { [id]: { sendAt: '2030-01-01T00:00:00Z' } };
    const changed = await anne.call('EmailSubmission/set', { update });
    assert.equal(changed.notUpdated[id].type, 'invalidProperties');
    assert.deepEqual((await anne.call('EmailSubmission/set', { destroy: [id, 'x'] })).destroyed, [id]);
    assert.equal((await anne.call('EmailSubmission/set', { destroy: [id] })).notDestroyed[id].type, 'notFound');
    assert.equal((await anne.call('EmailSubmission/set', { update })).notUpdated[id].type, 'notFound');
  });

  it('is pushed when something becomes of it', async () => {
    const { id } = await handedIn(anne, { emailId: await draft(anne) });
    const { body } = await anne.fetch('/jmap/eventsource/?types=EmailSubmission&closeafter=state&ping=0');
    const heard = new Response(body).text();
    const { state } = await anne.call('EmailSubmission/get', { ids: [] });
    await service.outbox.send();
    assert.equal((await get(anne, id)).undoStatus, 'final');
    const text = await heard;
    const [, pushed] = /"EmailSubmission":"([^"]+)"/.exec(text) ?? assert.fail(text);
    const { updated } = await anne.call('EmailSubmission/changes', { sinceState: state });
    assert.deepEqual(updated.includes(id), true);
    assert.notEqual(pushed, state);
  });
});
