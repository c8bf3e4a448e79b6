import type { Lang } from '@vaguemestre/shared/people';
import type { Refusal } from './access-policy.js';

/**
 * What a person reads when the password was right and the door was wrong. Protocol text must be ASCII (RFC 9051 9,
 * RFC 1939 3), so the French has lost its accents here; the webmail takes the reason and writes its own.
 */
const texts: Readonly<Record<Refusal, Readonly<Record<Lang, string>>>> = {
  disabled: {
    fr: 'Ce compte est desactive. Adressez-vous a un administrateur de la messagerie.',
    en: 'This account is disabled. Please ask a mail administrator.',
  },
  expired: {
    fr: 'Ce compte a atteint sa date de fin. Adressez-vous a la personne qui vous parraine ou a un administrateur.',
    en: 'This account has reached its end date. Please ask your sponsor or a mail administrator.',
  },
  useImap: {
    fr: 'Votre compte se lit par IMAPS et non par ce protocole. Choisissez IMAP avec SSL/TLS.',
    en: 'Your account is read over IMAPS, not over this protocol. Choose IMAP with SSL/TLS.',
  },
  usePop3: {
    fr: 'Votre compte se lit par POP3S et non par ce protocole. Choisissez POP3 avec SSL/TLS.',
    en: 'Your account is read over POP3S, not over this protocol. Choose POP3 with SSL/TLS.',
  },
  useWebmail: {
    fr: 'Votre compte se lit dans le webmail et non par ce protocole.',
    en: 'Your account is read in the webmail, not over this protocol.',
  },
  useTls: {
    fr: 'Votre compte demande une connexion chiffree. Choisissez SSL/TLS.',
    en: 'Your account needs an encrypted connection. Choose SSL/TLS.',
  },
  useModernTls: {
    fr: 'Cette entree est reservee aux anciens logiciels. Choisissez SSL/TLS sur le port habituel.',
    en: 'This entrance is kept for old programs. Choose SSL/TLS on the usual port.',
  },
  laboratoryOnly: {
    fr: "Cet acces n'est possible que depuis le reseau du laboratoire.",
    en: 'This is possible from the network of the laboratory only.',
  },
  useAppPassword: {
    fr: 'Votre compte demande un code: creez dans le webmail un mot de passe pour ce logiciel.',
    en: 'Your account asks for a code: make a password for this program in the webmail.',
  },
  appElsewhere: {
    fr: 'Ce mot de passe de logiciel ne vaut pas pour ce protocole ou depuis ce reseau.',
    en: 'This app password is not for this protocol or not from this network.',
  },
  notAllowed: {
    fr: "Votre compte n'a pas droit a ce service. Adressez-vous a un administrateur de la messagerie.",
    en: 'Your account may not use this service. Please ask a mail administrator.',
  },
};

export const refusalText = (refusal: Refusal, lang: Lang): string => texts[refusal][lang];
