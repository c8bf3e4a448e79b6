import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EmailPlaces, type Place } from '@vaguemestre/server/mailstore/emails/email-places';
import fc from 'fast-check';

const key = ({ box, uid }: Place) => `${box}/${uid}`;

describe('places of emails', () => {
  it('are those that were added and not taken away', () => {
    // Every email may lie in every place, each place once.
    const steps = fc.array(
      fc.record({ adds: fc.boolean(), box: fc.nat(1), emails: fc.array(fc.nat(3), { maxLength: 6 }), skip: fc.nat(3) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const places = new EmailPlaces();
        places.reserve(4);
        const model = new Map<number, Place[]>([0, 1, 2, 3].map((email) => [email, []]));
        let nextUid = 1;
        for (const { adds, box, emails, skip } of all) {
          if (adds) {
            for (const email of emails) {
              const place = { box, uid: nextUid++ };
              assert.equal(places.add(email, place), model.get(email)!.length === 0);
              model.get(email)!.push(place);
            }
          } else {
            const taken = [...model].flatMap(([email, list]) =>
              list.filter((place) => place.box === box && place.uid % 4 !== skip).map(({ uid }) => ({ email, uid })),
            );
            const before = new Map([...model].map(([email, list]) => [email, list.length]));
            const { gone, left } = places.remove(
              box,
              taken.map(({ email }) => email),
              taken.map(({ uid }) => uid),
            );
            for (const { email, uid } of taken) {
              model.set(
                email,
                model.get(email)!.filter((place) => place.box !== box || place.uid !== uid),
              );
            }
            const met = [...new Set(taken.map(({ email }) => email))];
            assert.deepEqual(gone.sort(), met.filter((email) => model.get(email)!.length === 0).sort());
            const stayed = met.filter((email) => before.get(email)! > 1 && model.get(email)!.length > 0);
            assert.deepEqual(left.sort(), stayed.sort());
          }
          for (const [email, list] of model) {
            assert.deepEqual(places.of(email).map(key).sort(), list.map(key).sort());
            assert.equal(places.isAnywhere(email), list.length > 0);
            assert.equal(places.hasSeveral(email), list.length > 1);
          }
          assert.equal(
            places.anySeveral,
            [...model.values()].some((list) => list.length > 1),
          );
        }
      }),
    );
  });

  it('cost as much for a hundred thousand copies of one email as for one each', () => {
    const places = new EmailPlaces();
    places.reserve(1);
    const count = 100_000;
    const uids = Uint32Array.from({ length: count }, (_, i) => i + 1);
    const started = performance.now();
    for (const uid of uids) places.add(0, { box: 0, uid });
    // Going through all places for each of them would take most of a minute.
    const { gone, left } = places.remove(0, new Uint32Array(count - 1), uids.subarray(1));
    assert.deepEqual([gone, left], [[], [0]]);
    assert.deepEqual(places.of(0), [{ box: 0, uid: 1 }]);
    assert.ok(performance.now() - started < 5_000);
  });
});
