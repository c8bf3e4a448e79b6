import { statusOf } from '../codec/smtp/delivery-status.js';
import type { RecipientDocument } from '../database/submissions.js';

/** What a notice says to a person, in the sender's language. The machine's part of it stands in notice.ts. */
export interface NoticeText {
  readonly subject: string;
  readonly from: string;
  readonly body: string;
}

type Told = Pick<RecipientDocument, 'address' | 'reply' | 'tell'>;

export function noticeText(lang: 'fr' | 'en', told: readonly Told[], subject: string): NoticeText {
  const failed = told.filter(({ tell }) => tell === 'failed');
  const late = told.filter(({ tell }) => tell === 'delayed');
  const delivered = told.filter(({ tell }) => tell === 'delivered');
  return (lang === 'fr' ? french : english)({ failed, late, delivered }, subject);
}

interface Groups {
  readonly failed: readonly Told[];
  readonly late: readonly Told[];
  readonly delivered: readonly Told[];
}

function french({ failed, late, delivered }: Groups, subject: string): NoticeText {
  const about = subject === '' ? 'votre message' : `votre message « ${subject} »`;
  let body = 'Bonjour,\r\n\r\n';
  if (failed.length > 0) {
    body += `${about} n'a pas pu être remis à :\r\n\r\n${listed(failed, frenchReason)}\r\n`;
    body += 'Il ne sera pas réessayé. Vérifiez les adresses, puis envoyez-le de nouveau à ces personnes.\r\n\r\n';
  }
  if (late.length > 0) {
    body += `${about} n'a pas encore pu être remis à :\r\n\r\n${listed(late, frenchReason)}\r\n`;
    body +=
      "Il attend et partira dès que possible ; vous n'avez rien à faire. Le webmail montre ce qui attend d'être envoyé.\r\n\r\n";
  }
  if (delivered.length > 0) body += `${about} a été remis à :\r\n\r\n${listed(delivered)}\r\n`;
  body += 'Ce message est écrit par le service de messagerie ; ne lui répondez pas.\r\n';
  const what = failed.length > 0 ? 'Message non remis' : late.length > 0 ? 'Message retardé' : 'Message remis';
  return {
    subject: subject === '' ? what : `${what} : ${subject}`,
    from: 'Service de messagerie',
    body: capital(body),
  };
}

function english({ failed, late, delivered }: Groups, subject: string): NoticeText {
  const about = subject === '' ? 'your message' : `your message "${subject}"`;
  let body = 'Hello,\r\n\r\n';
  if (failed.length > 0) {
    body += `${about} could not be delivered to:\r\n\r\n${listed(failed, englishReason)}\r\n`;
    body += 'It will not be tried again. Check the addresses, then send it to these people once more.\r\n\r\n';
  }
  if (late.length > 0) {
    body += `${about} could not be delivered yet to:\r\n\r\n${listed(late, englishReason)}\r\n`;
    body +=
      'It waits and leaves as soon as it can; there is nothing you need to do. The webmail shows what waits to be sent.\r\n\r\n';
  }
  if (delivered.length > 0) body += `${about} was delivered to:\r\n\r\n${listed(delivered)}\r\n`;
  body += 'This message is written by the mail service; please do not answer it.\r\n';
  const what = failed.length > 0 ? 'Message not delivered' : late.length > 0 ? 'Message delayed' : 'Message delivered';
  return { subject: subject === '' ? what : `${what}: ${subject}`, from: 'Mail service', body: capital(body) };
}

/** An address a line, with the reason below. */
export function listed(told: readonly Omit<Told, 'tell'>[], reason?: (reply: string) => string): string {
  return told
    .map(({ address, reply = '' }) => `    ${address}\r\n${reason ? `        ${reason(reply)}\r\n` : ''}`)
    .join('');
}

/** By enhanced status code (RFC 3463); what has no words of its own is shown as the server said it. */
const reasons: Readonly<Record<string, { readonly fr: string; readonly en: string }>> = {
  '5.1.1': {
    fr: "personne n'a cette adresse ici (une faute de frappe ?)",
    en: 'nobody has this address here (a typing error?)',
  },
  '5.2.2': { fr: 'sa boîte est pleine', en: 'the mailbox is full' },
  '4.2.2': { fr: 'sa boîte est restée pleine', en: 'the mailbox stayed full' },
  '5.1.2': {
    fr: "le domaine de l'adresse n'existe pas (une faute de frappe ?)",
    en: 'the domain of the address does not exist (a typing error?)',
  },
  '5.1.10': { fr: 'ce domaine ne reçoit pas de courrier', en: 'that domain receives no mail' },
  '4.4.1': { fr: 'le serveur du destinataire ne répond pas', en: "the recipient's server does not answer" },
  '4.4.3': { fr: "l'annuaire des domaines (DNS) ne répond pas", en: 'the directory of domains (DNS) does not answer' },
  '5.4.6': { fr: 'le message tourne en rond', en: 'the message goes round in a loop' },
  '5.3.4': { fr: 'le message est trop gros', en: 'the message is too large' },
};

export const frenchReason = (reply: string): string => reasons[statusOf(reply)]?.fr ?? reply;
export const englishReason = (reply: string): string => reasons[statusOf(reply)]?.en ?? reply;

/** The paragraph behind the greeting begins a sentence. */
function capital(body: string): string {
  const at = body.indexOf('\r\n\r\n') + 4;
  return body.slice(0, at) + body.charAt(at).toUpperCase() + body.slice(at + 1);
}
