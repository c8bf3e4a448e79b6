/**
 * What the service writes about an account that ends: warnings and notices to the person and to who answers for them, and the
 * automatic answer to others. Each in the reader's language; the answer goes to strangers and comes in both.
 */
import type { Lang } from '@vaguemestre/shared/people';
import { addressesField, dateField, messageIdsField, textField } from '../codec/mime/header-writer.js';
import { buildMessage } from '../codec/mime/message-builder.js';
import { addDays, type Day } from '../kernel/calendar.js';
import type { Answerable } from './auto-answer-rules.js';
import { answerDays, deletionDays } from './schedule.js';

export interface Named {
  readonly name: string;
  readonly address: string;
}

export interface LetterFacts {
  readonly person: Named;
  readonly sponsor: Named | undefined;
  readonly lastDay: Day;
  /** On the day of the letter. */
  readonly daysLeft: number;
  readonly domain: string;
}

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

/** To the person whose account it is. */
export function warningToPerson(lang: Lang, facts: LetterFacts): Letter {
  const { person, sponsor, lastDay, daysLeft } = facts;
  const archived = longDay(addDays(lastDay, answerDays + 1), lang);
  const last = longDay(lastDay, lang);
  if (lang === 'fr') {
    return {
      subject: `Votre compte de courrier se termine le ${last}`,
      text: `${greeting(lang, person)}

Votre compte ${person.address} se termine ${inDays(lang, daysLeft)} : le ${last} est le dernier jour où vous pouvez lire et envoyer du courrier.

Ensuite le courrier arrive encore, et une réponse automatique prévient vos correspondants pendant ${answerDays} jours. Votre boîte est archivée le ${archived}, et le compte supprimé ${deletionDays} jours plus tard.

Si vous restez, demandez qu'il soit prolongé : ${askFrench(facts, sponsor)}. Si vous partez, emportez avant ce jour ce dont vous avez besoin ; la réponse automatique peut donner votre nouvelle adresse.
${footer(lang)}`,
    };
  }
  return {
    subject: `Your mail account ends on ${last}`,
    text: `${greeting(lang, person)}

Your account ${person.address} ends ${inDays(lang, daysLeft)}: ${last} is the last day on which you can read and send mail.

After that mail still arrives, and an automatic answer tells those who write to you for ${answerDays} days. Your mailbox is archived on ${archived}, and the account is deleted ${deletionDays} days later.

If you stay, ask for more time: ${askEnglish(facts, sponsor)}. If you leave, take what you need with you before that day; the automatic answer can give your new address.
${footer(lang)}`,
  };
}

/** To who answers for the person, or to an administrator when nobody does. */
export function warningToSponsor(lang: Lang, facts: LetterFacts): Letter {
  const { person, lastDay, daysLeft, domain } = facts;
  const last = longDay(lastDay, lang);
  const who = described(person);
  if (lang === 'fr') {
    return {
      subject: `Le compte de ${person.name || person.address} se termine le ${last}`,
      text: `Bonjour,

Le compte de courrier de ${who}, ${relation(lang, facts)}, se termine ${inDays(lang, daysLeft)}. Le ${last} est son dernier jour.

Si cette personne reste, demandez une nouvelle date de fin à postmaster@${domain}. Sinon il n'y a rien à faire.
${footer(lang)}`,
    };
  }
  return {
    subject: `The account of ${person.name || person.address} ends on ${last}`,
    text: `Hello,

The mail account of ${who}, ${relation(lang, facts)}, ends ${inDays(lang, daysLeft)}. Its last day is ${last}.

If they stay, ask postmaster@${domain} for another end date. Otherwise there is nothing to do.
${footer(lang)}`,
  };
}

/** To who answers for the person, when it has come to that. */
export function lockedToSponsor(lang: Lang, facts: LetterFacts): Letter {
  const { person, lastDay, domain } = facts;
  const who = described(person);
  const last = longDay(lastDay, lang);
  const archived = longDay(addDays(lastDay, answerDays + 1), lang);
  if (lang === 'fr') {
    return {
      subject: `Le compte de ${person.name || person.address} est fermé`,
      text: `Bonjour,

Le compte de courrier de ${who}, ${relation(lang, facts)}, est fermé depuis la fin du ${last}. Le courrier y arrive encore, et une réponse automatique ${facts.sponsor === undefined ? 'prévient les correspondants' : 'donne votre adresse'} pendant ${answerDays} jours.

La boîte est archivée le ${archived}, et le compte supprimé ${deletionDays} jours plus tard. Jusque-là tout peut être annulé : écrivez à postmaster@${domain}.
${footer(lang)}`,
    };
  }
  return {
    subject: `The account of ${person.name || person.address} is closed`,
    text: `Hello,

The mail account of ${who}, ${relation(lang, facts)}, is closed since the end of ${last}. Mail still arrives there, and an automatic answer ${facts.sponsor === undefined ? 'tells those who write' : 'gives your address'} for ${answerDays} days.

The mailbox is archived on ${archived}, and the account is deleted ${deletionDays} days later. Until then everything can be undone: write to postmaster@${domain}.
${footer(lang)}`,
  };
}

export interface AnswerFacts {
  readonly person: Named;
  readonly lang: Lang;
  readonly sponsor: Named | undefined;
  readonly movedTo: string | undefined;
  readonly lastDay: Day;
}

/** The person's language first, then the other. */
export function automaticAnswer(facts: AnswerFacts, subject: string): Letter {
  const other = facts.lang === 'fr' ? 'en' : 'fr';
  const title = facts.lang === 'fr' ? 'Réponse automatique' : 'Automatic reply';
  return {
    subject: subject === '' ? title : `${title}${facts.lang === 'fr' ? ' : ' : ': '}${subject}`,
    text: `${answerText(facts.lang, facts)}\n\n----\n\n${answerText(other, facts)}\n`,
  };
}

function answerText(lang: Lang, { person, sponsor, movedTo, lastDay }: AnswerFacts): string {
  const last = longDay(lastDay, lang);
  const who = person.name || person.address;
  const lines =
    lang === 'fr'
      ? [
          'Bonjour,',
          `Le compte de courrier de ${who} (${person.address}) est fermé depuis le ${last}. Votre message est arrivé, mais il ne sera sans doute pas lu.`,
          movedTo === undefined ? '' : `Nouvelle adresse : ${movedTo}`,
          sponsor === undefined ? '' : `Pour ce qui concerne le laboratoire, écrivez à ${described(sponsor)}.`,
          'Cette réponse est automatique.',
        ]
      : [
          'Hello,',
          `The mail account of ${who} (${person.address}) is closed since ${last}. Your message has arrived, but it will most likely not be read.`,
          movedTo === undefined ? '' : `New address: ${movedTo}`,
          sponsor === undefined ? '' : `For what concerns the laboratory, please write to ${described(sponsor)}.`,
          'This answer is automatic.',
        ];
  return lines.filter((line) => line !== '').join('\n\n');
}

export interface Envelope {
  readonly from: Named;
  readonly to: Named;
  /** In Message-ID, the same whenever the letter is made. */
  readonly id: string;
  readonly domain: string;
  readonly dateMs: number;
}

/** RFC 3834 5.2: `auto-generated` is written on our own account, `auto-replied` in answer to a message. */
export async function letterOctets(letter: Letter, envelope: Envelope, answered?: Answerable): Promise<Buffer> {
  const { from, to, id, domain, dateMs } = envelope;
  const fields = [
    addressesField('From', [{ name: from.name || null, email: from.address }]),
    addressesField('To', [{ name: to.name || null, email: to.address }]),
    textField('Subject', letter.subject),
    dateField('Date', dateMs, 0),
    messageIdsField('Message-ID', [`${id}@${domain}`]),
    // RFC 3834 3.1.5: the answer lies beside what it answers.
    answered?.messageId === undefined ? '' : messageIdsField('In-Reply-To', [answered.messageId]),
    answered === undefined || answered.references.length === 0
      ? ''
      : messageIdsField('References', answered.references),
    `Auto-Submitted: ${answered === undefined ? 'auto-generated' : 'auto-replied'}\r\n`,
    // What knows no Auto-Submitted: old vacation programs, Exchange.
    'Precedence: bulk\r\n',
    'X-Auto-Response-Suppress: All\r\n',
  ].join('');
  const pieces: Uint8Array[] = [];
  const root = { kind: 'text', type: 'text/plain', parameters: [], fields: '', text: letter.text } as const;
  for await (const piece of buildMessage(fields, root)) pieces.push(piece);
  return Buffer.concat(pieces);
}

export const serviceName = (lang: Lang): string => (lang === 'fr' ? 'Service de courrier' : 'Mail service');

const described = ({ name, address }: Named): string => (name === '' ? address : `${name} <${address}>`);

const greeting = (lang: Lang, { name }: Named): string =>
  `${lang === 'fr' ? 'Bonjour' : 'Hello'}${name === '' ? '' : ` ${name}`},`;

function inDays(lang: Lang, days: number): string {
  if (days === 0) return lang === 'fr' ? "aujourd'hui" : 'today';
  if (days === 1) return lang === 'fr' ? 'demain' : 'tomorrow';
  return lang === 'fr' ? `dans ${days} jours` : `in ${days} days`;
}

const relation = (lang: Lang, { sponsor }: LetterFacts): string => {
  if (sponsor === undefined) return lang === 'fr' ? 'dont personne ne répond plus' : 'for whom nobody answers any more';
  return lang === 'fr' ? 'dont vous répondez' : 'for whom you answer';
};

const askFrench = ({ domain }: LetterFacts, sponsor: Named | undefined): string =>
  sponsor === undefined ? `écrivez à postmaster@${domain}` : `parlez-en à ${described(sponsor)}`;

const askEnglish = ({ domain }: LetterFacts, sponsor: Named | undefined): string =>
  sponsor === undefined ? `write to postmaster@${domain}` : `tell ${described(sponsor)}`;

const footer = (lang: Lang): string =>
  lang === 'fr'
    ? '\nCe message est écrit par le service de courrier.\n'
    : '\nThis message is written by the mail service.\n';

function longDay(day: Day, lang: Lang): string {
  const locale = lang === 'fr' ? 'fr-FR' : 'en-GB';
  const text = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(
    Date.parse(`${day}T12:00Z`),
  );
  return lang === 'fr' && text.startsWith('1 ') ? `1er ${text.slice(2)}` : text;
}
