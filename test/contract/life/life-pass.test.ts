/** An account that ends, from the first warning to the last trace, on a store and a clock that moves; dying at every point of it. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { readIdentities } from '@vaguemestre/server/admin/archive/age-file';
import { openArchive } from '@vaguemestre/server/admin/archive/restore-archive';
import type { Person } from '@vaguemestre/server/auth/people';
import { decodeEncodedWords } from '@vaguemestre/server/codec/mime/encoded-words';
import { endOfDay } from '@vaguemestre/server/kernel/calendar';
import { type LifeParts, lifePass } from '@vaguemestre/server/life/life-pass';
import { type EndingPeople, startEndingPeople, zone } from '../../harness/ending-people.js';
import { letter } from '../../harness/store-messages.js';

const { signal } = new AbortController();
const subjectsOf = (messages: readonly string[]): string[] =>
  messages.map((message) =>
    decodeEncodedWords(/^Subject: (.*(?:\r\n .*)*)\r\n/m.exec(message)?.[1]?.replaceAll('\r\n', '') ?? ''),
  );

describe('an account that ends', () => {
  let lab: EndingPeople;
  let claire: Person;
  before(async () => {
    lab = await startEndingPeople('2026-01-01T12:00Z');
    claire = await lab.add('claire', { name: 'Claire Moreau', lang: 'fr' });
    await lab.add('admin', { admin: true, lang: 'en' });
  });
  after(() => lab.close());

  const pass = (moment?: string): Promise<void> => {
    if (moment !== undefined) lab.at(moment);
    return lifePass(lab.life, signal);
  };
  const toldClaire = async (about: string): Promise<string[]> =>
    subjectsOf(await lab.inbox(claire._id)).filter((subject) => subject.includes(about));
  const intern = (name: string, lastDay: string, more = {}) =>
    lab.add(name, { role: 'intern', sponsor: 'claire', name: `Name ${name}`, lang: 'en', lastDay, ...more });
  const allGone = async (account: string): Promise<void> => {
    const { db } = lab.store.connection;
    for (const { name } of await db.listCollections().toArray()) {
      if (name === 'audit' || name === 'archives') continue;
      assert.equal(await db.collection(name).countDocuments({ a: account }), 0, `something is left in ${name}`);
    }
  };

  it('is warned of, locked, archived and deleted on its days, across the change to summer time', async () => {
    // 29 March 2026: clocks change between the warnings and the end.
    const tom = await intern('tom', '2026-03-31', { quota: 1 });
    const written = letter('keep me', 'for a year\r\n').toString();
    await lab.deliver({ ...tom }, 'a@x.example', written);
    await pass('2026-03-17T05:59Z');
    assert.deepEqual(await lab.history(tom.address), []);
    await pass('2026-03-17T06:00Z');
    await pass('2026-03-20T12:00Z');
    const [, first = ''] = await lab.inbox(tom._id);
    assert.match(first, /^Subject: Your mail account ends on 31 March 2026\r$/m);
    assert.match(first, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(first.replaceAll('=\r\n', ''), /ends in 14 days.*Claire Moreau <claire@labo\.example>/s);
    const told = (await lab.inbox(claire._id)).at(-1) ?? '';
    assert.match(told, /^Subject: Le compte de Name tom se termine le 31 mars 2026\r$/m);
    await pass('2026-03-28T05:59Z');
    assert.equal((await lab.inbox(tom._id)).length, 2);
    await pass('2026-03-28T06:00Z');
    assert.equal((await lab.inbox(tom._id)).length, 3);
    await pass('2026-03-31T21:59:59.999Z');
    assert.equal((await lab.history(tom.address)).includes('account locked'), false);
    await pass('2026-03-31T22:00Z');
    assert.deepEqual(await lab.history(tom.address), [
      'account warned 14 days before',
      'account warned 3 days before',
      'account locked',
    ]);
    assert.equal((await toldClaire('Name tom')).length, 3);
    await pass('2026-05-01T04:59Z');
    assert.deepEqual(await lab.ended.archives.list(tom._id), []);
    await pass('2026-05-01T05:00Z');
    const [archive] = await lab.ended.archives.list(tom._id);
    assert.equal(archive?.messages, 3);
    assert.equal(archive?.keptUntil.toISOString(), '2027-05-01T05:00:00.000Z');
    await pass('2026-07-30T04:59Z');
    assert.equal((await lab.people.get(tom._id))?._id, tom._id);
    await pass('2026-07-30T05:00Z');
    assert.equal(await lab.people.get(tom._id), undefined);
    assert.deepEqual((await lab.history(tom.address)).slice(3), ['account archived', 'account deleted']);
    assert.equal(await lab.ended.lives.get(tom._id), undefined);
    await allGone(tom._id);
    assert.ok(existsSync(archive?.file ?? ''), 'the archive outlives the account');
    const opened = await openArchive(
      archive!.file,
      await readIdentities(lab.archives.keyFile),
      lab.archives.folder,
      signal,
    );
    assert.deepEqual(opened.person.sponsor, 'claire@labo.example');
    await opened.close();
  });

  it('is given back at every step by another end date, and begins anew', async () => {
    const tim = await intern('tim', '2026-10-25');
    const extend = async (lastDay: string): Promise<void> =>
      void (await lab.people.update('tim', { expires: new Date(endOfDay(lastDay, zone)) }));
    await pass('2026-10-22T08:00Z');
    assert.equal((await lab.inbox(tim._id)).length, 1, 'one warning, however late');
    await extend('2026-10-30');
    await pass('2026-10-22T09:00Z');
    assert.equal((await lab.inbox(tim._id)).length, 2, 'the new date is told as well');
    await pass('2026-10-31T08:00Z');
    await extend('2026-12-31');
    await pass('2026-10-31T08:01Z');
    assert.equal(await lab.ended.lives.get(tim._id).then((life) => life?.locked), undefined);
    await pass('2027-02-02T08:00Z');
    assert.equal((await lab.ended.archives.list(tim._id)).length, 1);
    await extend('2027-06-30');
    await pass('2027-05-30T08:00Z');
    assert.equal((await lab.people.find('tim')).removing, undefined, 'the day of deletion passed without it');
    await lab.people.update('tim', { expires: undefined, role: 'permanent', sponsor: undefined });
    await pass('2029-01-01T00:00Z');
    assert.equal(await lab.ended.lives.get(tim._id), undefined);
    assert.equal((await lab.people.find('tim')).disabled, false);
  });

  it('is not deleted when the end date is changed in the last moment', async () => {
    const ida = await intern('ida', '2029-01-31');
    await pass('2029-02-01T08:00Z');
    await pass('2029-03-03T08:00Z');
    lab.at('2029-07-01T08:00Z');
    const racing: LifeParts = {
      ...lab.life,
      async isIntact(archive, until) {
        await lab.people.update('ida', { expires: new Date(endOfDay('2030-01-31', zone)) });
        return lab.life.isIntact(archive, until);
      },
    };
    await lifePass(racing, signal);
    assert.equal((await lab.people.get(ida._id))?.disabled, false);
    await lab.people.remove('ida');
    await pass();
    assert.equal(await lab.ended.lives.get(ida._id), undefined);
  });

  it('is deleted only with an archive that holds everything and lies there whole', async () => {
    const eva = await intern('eva', '2029-07-31');
    await pass('2029-08-01T08:00Z');
    await pass('2029-09-01T08:00Z');
    const [first] = await lab.ended.archives.list(eva._id);
    await lab.deliver(eva, 'a@x.example', letter('late').toString());
    lab.at('2029-12-01T08:00Z');
    const clocks: LifeParts = { ...lab.life, trustedNowMs: () => Promise.reject(new Error('the clocks differ')) };
    await lifePass(clocks, signal);
    const full: LifeParts = { ...lab.life, archive: () => Promise.reject(new Error('the disk is full')) };
    await lifePass(full, signal);
    assert.ok(await lab.people.get(eva._id), 'no archive, no deletion');
    await pass();
    const again = (await lab.ended.archives.list(eva._id)).at(-1);
    assert.notEqual(again?._id, first?._id);
    assert.equal(again?.messages, (first?.messages ?? 0) + 1);
    assert.equal(await lab.people.get(eva._id), undefined);

    for (const damage of [(file: string) => rmSync(file), (file: string) => appendFileSync(file, 'x')]) {
      const year = 2030 + (await lab.ended.archives.list()).length;
      const max = await intern('max', `${year}-01-31`);
      await pass(`${year}-02-01T08:00Z`);
      await pass(`${year}-03-10T08:00Z`);
      damage((await lab.ended.archives.list(max._id))[0]!.file);
      await pass(`${year}-09-01T08:00Z`);
      assert.equal((await lab.ended.archives.list(max._id)).length, 2);
      assert.equal(await lab.people.get(max._id), undefined);
    }
  });

  it('tells an administrator when the sponsor is gone, and leaves administrators to people', async () => {
    const admin = await lab.people.find('admin');
    const lucie = await lab.add('lucie', { lang: 'en' });
    const zoe = await intern('zoe', '2040-01-31', { sponsor: 'lucie' });
    await lab.people.update('lucie', { disabled: true });
    await pass('2040-01-20T08:00Z');
    assert.deepEqual(subjectsOf(await lab.inbox(admin._id)), ['The account of Name zoe ends on 31 January 2040']);
    assert.deepEqual(await lab.inbox(lucie._id), []);
    await lab.people.update('zoe', { admin: true });
    await pass('2040-02-01T08:00Z');
    await pass('2040-04-01T08:00Z');
    await pass('2041-01-01T08:00Z');
    assert.equal((await lab.people.get(zoe._id))?.removing, undefined);
    assert.equal((await lab.ended.archives.list(zoe._id)).length, 1);
  });
});

describe('the process that takes the steps', () => {
  const moments = [
    '2026-03-18T08:00Z',
    '2026-03-29T08:00Z',
    '2026-04-01T08:00Z',
    '2026-05-02T08:00Z',
    '2026-08-01T08:00Z',
  ];
  const expected = {
    history: [
      'account archived',
      'account deleted',
      'account locked',
      'account warned 14 days before',
      'account warned 3 days before',
    ],
    claire: 3,
    archived: 2,
    gone: true,
    traces: false,
  };

  /** Lives through all of it, dying at the `death`th call of what the pass works with, before or after it took effect. */
  async function liveThrough(death: number, when: 'before' | 'after') {
    const lab = await startEndingPeople('2026-03-01T12:00Z');
    try {
      const claire = await lab.add('claire');
      const tom = await lab.add('tom', { role: 'intern', sponsor: 'claire', lastDay: '2026-03-31' });
      let calls = 0;
      for (const moment of moments) {
        lab.at(moment);
        let dead = false;
        const mortal = <T extends object>(real: T): T =>
          new Proxy(real, {
            get(target, name) {
              const value: unknown = Reflect.get(target, name);
              if (typeof value !== 'function') return value;
              return async (...given: unknown[]) => {
                if (dead) throw new Error('dead');
                dead = ++calls === death;
                if (dead && when === 'before') throw new Error('dies');
                const result: unknown = await value.apply(target, given);
                if (dead) throw new Error('dies');
                return result;
              };
            },
          });
        const { life } = lab;
        const ports = mortal({
          deliver: life.deliver,
          archive: life.archive,
          isIntact: life.isIntact,
          modseqOf: life.modseqOf,
          trustedNowMs: life.trustedNowMs,
        });
        const mine: LifeParts = {
          ...life,
          ...Object.fromEntries(
            ['deliver', 'archive', 'isIntact', 'modseqOf', 'trustedNowMs'].map((n) => [n, Reflect.get(ports, n)]),
          ),
          people: mortal(life.people),
          lives: mortal(life.lives),
          archives: mortal(life.archives),
          audit: mortal(life.audit),
        };
        await lifePass(mine, signal).catch(() => undefined);
        // Another process, a minute later.
        lab.clock.move(60_000);
        await lifePass(life, signal);
      }
      const archives = await lab.ended.archives.list(tom._id);
      return {
        calls,
        outcome: {
          history: [...new Set(await lab.history(tom.address))].sort(),
          claire: (await lab.inbox(claire._id)).length,
          archived: archives[0]?.messages,
          gone: (await lab.people.get(tom._id)) === undefined,
          traces: (await lab.ended.lives.get(tom._id)) !== undefined,
        },
      };
    } finally {
      await lab.close();
    }
  }

  it('may die at any point: every step is taken, and every letter written once', { timeout: 300_000 }, async (t) => {
    const { calls, outcome } = await liveThrough(0, 'before');
    assert.deepEqual(outcome, expected);
    const every = process.env['VAGUEMESTRE_LIFE_DEATHS'] === 'all' ? 1 : 9;
    const start = Math.floor(Math.random() * every);
    t.diagnostic(`${calls} calls, every ${every}th from ${start + 1}`);
    for (let death = 1 + start; death <= calls; death += every) {
      for (const when of ['before', 'after'] as const) {
        assert.deepEqual((await liveThrough(death, when)).outcome, expected, `dying ${when} call ${death}`);
      }
    }
  });
});
