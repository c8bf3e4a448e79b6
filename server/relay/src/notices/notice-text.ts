/** What a notice of the relay says to a person. Its language is not known, outside least of all: French first, then English. */
import { englishReason, frenchReason, listed } from '@vaguemestre/server/outbox/notice-text';
import type { DeliveryRecipient } from '../database/queue-documents.js';

export interface NoticeWords {
  readonly from: string;
  readonly subject: string;
  readonly body: string;
}

type Told = Pick<DeliveryRecipient, 'address' | 'reply' | 'tell'>;

export function noticeWords(told: readonly Told[], subject: string, until: Date): NoticeWords {
  const failed = told.some(({ tell }) => tell === 'failed');
  const delayed = told.some(({ tell }) => tell === 'delayed');
  const what = failed
    ? 'Message non remis / Message not delivered'
    : delayed
      ? 'Message en attente / Message delayed'
      : 'Message remis / Message delivered';
  return {
    from: 'Service de messagerie / Mail service',
    subject: subject === '' ? what : `${what} : ${subject}`,
    body: `${french(told, subject, until)}\r\n-- \r\n\r\n${english(told, subject, until)}`,
  };
}

const those = (told: readonly Told[], tell: Told['tell']): readonly Told[] => told.filter((one) => one.tell === tell);

function french(told: readonly Told[], subject: string, until: Date): string {
  const about = subject === '' ? 'Votre message' : `Votre message « ${subject} »`;
  let body = 'Bonjour,\r\n\r\n';
  const failed = those(told, 'failed');
  if (failed.length > 0) {
    body += `${about} n'a pas pu être remis à :\r\n\r\n${listed(failed, frenchReason)}\r\n`;
    body += 'Il ne sera pas réessayé. Vérifiez les adresses, puis envoyez-le de nouveau à ces personnes.\r\n\r\n';
  }
  const delayed = those(told, 'delayed');
  if (delayed.length > 0) {
    body += `${about} n'est pas encore parti pour :\r\n\r\n${listed(delayed, frenchReason)}\r\n`;
    body += `Il est gardé et réessayé jusqu'au ${frenchDate(until)} : vous n'avez rien à faire.\r\n\r\n`;
  }
  const delivered = those(told, 'delivered');
  if (delivered.length > 0) body += `${about} a été remis à :\r\n\r\n${listed(delivered)}\r\n`;
  const relayed = those(told, 'relayed');
  if (relayed.length > 0) {
    body += `${about} a été transmis à un serveur qui n'annonce pas la suite, pour :\r\n\r\n${listed(relayed)}\r\n`;
  }
  return `${body}Ce message est écrit par le service de messagerie ; ne lui répondez pas.\r\n`;
}

function english(told: readonly Told[], subject: string, until: Date): string {
  const about = subject === '' ? 'Your message' : `Your message "${subject}"`;
  let body = 'Hello,\r\n\r\n';
  const failed = those(told, 'failed');
  if (failed.length > 0) {
    body += `${about} could not be delivered to:\r\n\r\n${listed(failed, englishReason)}\r\n`;
    body += 'It will not be tried again. Check the addresses, then send it to these people once more.\r\n\r\n';
  }
  const delayed = those(told, 'delayed');
  if (delayed.length > 0) {
    body += `${about} has not left yet for:\r\n\r\n${listed(delayed, englishReason)}\r\n`;
    body += `It is kept and tried again until ${until.toISOString().slice(0, 10)}: there is nothing for you to do.\r\n\r\n`;
  }
  const delivered = those(told, 'delivered');
  if (delivered.length > 0) body += `${about} was delivered to:\r\n\r\n${listed(delivered)}\r\n`;
  const relayed = those(told, 'relayed');
  if (relayed.length > 0) {
    body += `${about} was handed to a server that does not report further, for:\r\n\r\n${listed(relayed)}\r\n`;
  }
  return `${body}This message is written by the mail service; please do not answer it.\r\n`;
}

const frenchDate = (date: Date): string =>
  `${date.getUTCDate()}/${String(date.getUTCMonth() + 1).padStart(2, '0')}/${date.getUTCFullYear()}`;
