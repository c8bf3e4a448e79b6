/** What fuzzers of servers that speak SMTP's language send, and how its replies look. */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';

/** Mostly words of the protocol; octets and long runs now and then. */
export const pieceOf = (words: readonly string[]): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...words).map((word) => Buffer.from(word)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }).map((octets) => Buffer.from(octets)) },
    { weight: 1, arbitrary: fc.nat(20_000).map((length) => Buffer.alloc(length, 'x')) },
  );

/** RFC 5321 4.2. */
export const replyLine = /^[2345]\d\d[ -][\x20-\x7e]*$/;

/** Sends the pieces cut at other places than where they meet, a turn of the loop between the parts. */
export async function sendCut(
  client: { send(octets: Buffer): void },
  pieces: readonly Buffer[],
  cuts: readonly number[],
): Promise<void> {
  const octets = Buffer.concat(pieces);
  let from = 0;
  for (const at of [...cuts.map((cut) => cut % (octets.length + 1)).sort((a, b) => a - b), octets.length]) {
    client.send(octets.subarray(from, at));
    from = at;
    await turn();
  }
}
