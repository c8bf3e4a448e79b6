/** Why a message is not sent, in the sender's language: clients show these (RFC 8621 7.5 wants it of forbiddenToSend). */
import type { Refusal } from '../../../auth/access-policy.js';
import type { Lang } from '../../../auth/authenticator.js';

export interface SubmissionWords {
  readonly refused: (refusal: Refusal) => string;
  readonly tooMuch: string;
  readonly tooLarge: (mebibytes: number) => string;
  readonly noAuthor: string;
  readonly severalAuthors: string;
  readonly notYours: (address: string) => string;
  readonly noRecipients: string;
  readonly tooManyRecipients: (most: number) => string;
  readonly invalidRecipients: (wrong: readonly string[]) => string;
  readonly brokenHeader: string;
}

export const submissionWords: Readonly<Record<Lang, SubmissionWords>> = {
  fr: {
    refused: (refusal) => {
      switch (refusal) {
        case 'laboratoryOnly':
          return 'Vous pouvez lire d’ici, mais pas envoyer : l’envoi n’est possible que depuis le réseau du laboratoire.';
        case 'disabled':
          return 'Ce compte est désactivé. Adressez-vous à l’équipe qui administre la messagerie.';
        case 'expired':
          return 'Ce compte a atteint sa date de fin. Adressez-vous à la personne qui vous parraine.';
        default:
          return 'Votre compte ne peut pas envoyer de courrier. Adressez-vous à l’équipe qui administre la messagerie.';
      }
    },
    tooMuch: 'Vous avez envoyé tout ce qui peut l’être en un jour, ou trop de messages attendent. Réessayez demain.',
    tooLarge: (mebibytes) => `Le message est trop gros : ${mebibytes} Mio au plus, pièces jointes comprises.`,
    noAuthor: 'Le message n’a pas d’expéditeur.',
    severalAuthors: 'Un message de plusieurs auteurs doit nommer un expéditeur.',
    notYours: (address) => `${address} n’est pas une de vos adresses.`,
    noRecipients: 'Le message n’a pas de destinataire.',
    tooManyRecipients: (most) => `Un message va à ${most} destinataires au plus.`,
    invalidRecipients: (wrong) => `Ceci n’est pas une adresse : ${wrong.join(', ')}`,
    brokenHeader: 'L’en-tête du message n’est pas lisible.',
  },
  en: {
    refused: (refusal) => {
      switch (refusal) {
        case 'laboratoryOnly':
          return 'You can read from here, but not send: sending is possible from the network of the laboratory only.';
        case 'disabled':
          return 'This account is disabled. Ask the team that runs the mail service.';
        case 'expired':
          return 'This account has reached its end date. Ask your sponsor.';
        default:
          return 'Your account may not send mail. Ask the team that runs the mail service.';
      }
    },
    tooMuch: 'You have sent as much as can be sent in a day, or too much is waiting. Try again tomorrow.',
    tooLarge: (mebibytes) => `The message is too large: at most ${mebibytes} MiB with its attachments.`,
    noAuthor: 'The message is from nobody.',
    severalAuthors: 'A message of several authors has to name one sender.',
    notYours: (address) => `${address} is not one of your addresses.`,
    noRecipients: 'The message has no recipient.',
    tooManyRecipients: (most) => `A message goes to at most ${most} recipients.`,
    invalidRecipients: (wrong) => `This is no address: ${wrong.join(', ')}`,
    brokenHeader: 'The header of the message cannot be read.',
  },
};
