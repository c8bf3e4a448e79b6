import { dateOf, encodedWord, mailbox, person } from './parts.js';
import { letters, pick, type Random } from './random.js';
import { rare, rareFrom, rareSubject } from './rare.js';
import { englishWords, frenchWords, hosts, topics, userAgents } from './words.js';

const upTo = (random: Random, n: number) => Math.trunc(random() * n);

function trace(random: Random, sender: string, date: string): string {
  let header = `Return-Path: <${sender}>\r\n`;
  const hops = 1 + upTo(random, 4);
  for (let k = 0; k < hops; k++) {
    header += `Received: from ${letters(random, 6)}.${pick(random, hosts)} (${letters(random, 5)}.example [192.0.2.${upTo(random, 254)}])\r\n\tby mx${k}.bench.test (Postfix) with ESMTPS id ${letters(random, 11).toUpperCase()}\r\n\tfor <user@bench.test>; ${date}\r\n`;
  }
  if (random() < 0.6) {
    header += `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1;\r\n\th=from:to:subject:date:message-id:mime-version;\r\n\tbh=${letters(random, 43)}=;\r\n\tb=${letters(random, 60)}\r\n\t ${letters(random, 64)}\r\n\t ${letters(random, 64)}==\r\n`;
  }
  if (random() < 0.5) {
    header += `Authentication-Results: mx.bench.test; dkim=pass header.d=example.com;\r\n\tspf=pass smtp.mailfrom=${sender}\r\n`;
  }
  return header;
}

/** The header of message `index` of a corpus of `count`, up to MIME-Version. `short`: without trace and list fields. */
export function headerOf(random: Random, corpus: string, index: number, count: number, short: boolean): string {
  const mix = corpus === 'mix10k';
  const date = dateOf(index, count);
  const from = person(random);
  if (mix && rare.inFrom(index)) {
    from.name = 'Ada Quibblefax';
    from.address = `${rareFrom}@example.com`;
  }
  const to = [{ name: 'User', address: 'user@bench.test' }];
  const more = short || random() < 0.7 ? 0 : upTo(random, 6);
  for (let k = 0; k < more; k++) to.push(person(random));
  const lead = random() < 0.4 ? 'Re: ' : random() < 0.1 ? 'Fwd: ' : '';
  let subject = `${lead}${pick(random, topics)} ${upTo(random, 10000)} ${pick(random, englishWords)} ${pick(random, frenchWords)}`;
  if (mix && rare.inSubject(index)) subject += ` ${rareSubject}${index % 2 ? ' prévu' : ''}`;
  const messageId = `<${corpus}.${index}.${letters(random, 10)}@${pick(random, hosts)}>`;
  let header = short
    ? `Received: from mx.example.net by mail.bench.test with LMTP id ${letters(random, 10)};\r\n\t${date.rfc5322}\r\n`
    : trace(random, from.address, date.rfc5322);
  header += `Date: ${date.rfc5322}\r\nFrom: ${mailbox(from, random)}\r\nTo: ${to.map((p) => mailbox(p, random)).join(',\r\n\t')}\r\n`;
  if (!short && random() < 0.2) {
    header += `Cc: ${[person(random), person(random)].map((p) => mailbox(p, random)).join(',\r\n ')}\r\n`;
  }
  if (!short && random() < 0.15) header += `Reply-To: ${mailbox(person(random), random)}\r\n`;
  header += `Subject: ${encodedWord(subject, random)}\r\nMessage-ID: ${messageId}\r\n`;
  const references = random() < 0.45 ? 1 + upTo(random, short ? 2 : 7) : 0;
  if (references > 0) {
    const ids = Array.from({ length: references }, () => `<${letters(random, 18)}@${pick(random, hosts)}>`);
    header += `In-Reply-To: ${ids[references - 1]!}\r\nReferences: ${ids.join('\r\n ')}\r\n`;
  }
  if (mix && rare.inHeader(index)) header += `X-Keyword: ${rare.word}\r\n`;
  if (!short && random() < 0.25) {
    header += `List-Id: <list${upTo(random, 30)}.lists.example.org>\r\nList-Unsubscribe: <mailto:leave@lists.example.org>\r\nPrecedence: list\r\n`;
  }
  if (!short && random() < 0.5) header += `X-Spam-Status: No, score=${(random() * 4 - 2).toFixed(1)}\r\n`;
  if (random() < 0.7) header += `User-Agent: ${pick(random, userAgents)}\r\n`;
  return `${header}MIME-Version: 1.0\r\n`;
}
