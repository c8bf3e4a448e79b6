/** The words of the set-up page, in both languages. The type makes a missing twin an error. */
import type { Language } from '../i18n/language.js';

export interface Messages {
  readonly languageName: string;
  readonly title: string;
  readonly laboratory: (domain: string) => string;
  readonly setUp: string;
  readonly setUpHint: string;
  readonly incoming: string;
  readonly incomingPop: string;
  readonly outgoing: string;
  readonly server: string;
  readonly port: string;
  readonly security: string;
  readonly userName: string;
  readonly userNameValue: (domain: string) => string;
  readonly password: string;
  readonly passwordValue: string;
  readonly securityTls: string;
  readonly securityStartTls: string;
  readonly securityNone: string;
  readonly copy: (what: string) => string;
  readonly copied: (what: string) => string;
  readonly running: string;
  readonly runningInside: string;
  readonly insideHint: string;
  readonly service: string;
  readonly doors: Readonly<Record<string, string>>;
  readonly selfSignedTitle: string;
  readonly selfSignedReason: string;
  readonly noMailTitle: string;
  readonly noMailReason: string;
  readonly checking: string;
  readonly allWorks: string;
  readonly storeAway: string;
  readonly offline: string;
  readonly retry: string;
  readonly version: (version: string) => string;
  readonly theme: string;
  readonly themes: Readonly<Record<'system' | 'light' | 'dark', string>>;
  readonly language: string;
}

/** French puts a no-break space before : ; ? ! and inside its quotation marks. */
const nb = '\u00a0';

export const messages: Readonly<Record<Language, Messages>> = {
  fr: {
    languageName: 'Français',
    title: 'Votre courrier',
    laboratory: (domain) => `Le service de courrier de ${domain}`,
    setUp: 'Régler votre logiciel',
    setUpHint: 'Recopiez ces valeurs dans votre logiciel de courrier.',
    incoming: 'Courrier entrant, IMAP',
    incomingPop: 'Courrier entrant, POP3',
    outgoing: 'Courrier sortant, SMTP',
    server: 'Serveur',
    port: 'Port',
    security: 'Sécurité',
    userName: 'Nom d’utilisateur',
    userNameValue: (domain) => `votre adresse, par exemple claire.vasseur@${domain}`,
    password: 'Mot de passe',
    passwordValue: 'celui que l’on vous a remis',
    securityTls: 'SSL/TLS',
    securityStartTls: 'STARTTLS',
    securityNone: 'aucune',
    copy: (what) => `Copier${nb}: ${what}`,
    copied: (what) => `Copié${nb}: ${what}`,
    running: 'Ce qui est ouvert',
    runningInside: 'Sur cette machine seulement',
    insideHint: 'Montré parce que vous êtes sur la machine du service.',
    service: 'Service',
    doors: {
      imap: 'Lire le courrier, IMAP',
      imaps: 'Lire le courrier, IMAP sur TLS',
      pop3: 'Relever le courrier, POP3',
      pop3s: 'Relever le courrier, POP3 sur TLS',
      submission: 'Envoyer, SMTP',
      submissions: 'Envoyer, SMTP sur TLS',
      sieve: 'Règles de tri, ManageSieve',
      http: 'Cette page',
      https: 'Cette page, sur TLS',
      lmtp: 'Remise par le relais, LMTP',
      smtp: 'Relais, SMTP',
      metrics: 'Mesures, Prometheus',
    },
    selfSignedTitle: 'Le certificat est provisoire.',
    selfSignedReason: 'Votre logiciel demandera une fois s’il faut lui faire confiance.',
    noMailTitle: 'Aucune porte n’est ouverte aux logiciels de courrier.',
    noMailReason: 'Demandez à la personne qui administre le service.',
    checking: 'Vérification',
    allWorks: 'Tout fonctionne',
    storeAway: 'Les boîtes ne répondent pas pour le moment. Le courrier est en sûreté.',
    offline: 'Le service ne répond pas.',
    retry: 'Réessayer',
    version: (version) => `Vaguemestre ${version}`,
    theme: 'Apparence',
    themes: { system: 'Comme le système', light: 'Claire', dark: 'Sombre' },
    language: 'Langue',
  },
  en: {
    languageName: 'English',
    title: 'Your mail',
    laboratory: (domain) => `The mail service of ${domain}`,
    setUp: 'Set up your mail program',
    setUpHint: 'Copy these values into your mail program.',
    incoming: 'Incoming mail, IMAP',
    incomingPop: 'Incoming mail, POP3',
    outgoing: 'Outgoing mail, SMTP',
    server: 'Server',
    port: 'Port',
    security: 'Security',
    userName: 'User name',
    userNameValue: (domain) => `your address, for example claire.vasseur@${domain}`,
    password: 'Password',
    passwordValue: 'the one you were given',
    securityTls: 'SSL/TLS',
    securityStartTls: 'STARTTLS',
    securityNone: 'none',
    copy: (what) => `Copy: ${what}`,
    copied: (what) => `Copied: ${what}`,
    running: 'What is open',
    runningInside: 'On this machine only',
    insideHint: 'Shown because you are on the machine of the service.',
    service: 'Service',
    doors: {
      imap: 'Read mail, IMAP',
      imaps: 'Read mail, IMAP over TLS',
      pop3: 'Collect mail, POP3',
      pop3s: 'Collect mail, POP3 over TLS',
      submission: 'Send, SMTP',
      submissions: 'Send, SMTP over TLS',
      sieve: 'Sorting rules, ManageSieve',
      http: 'This page',
      https: 'This page, over TLS',
      lmtp: 'Hand-over from the relay, LMTP',
      smtp: 'Relay, SMTP',
      metrics: 'Figures, Prometheus',
    },
    selfSignedTitle: 'The certificate is a temporary one.',
    selfSignedReason: 'Your program will ask once whether to trust it.',
    noMailTitle: 'No door is open to mail programs.',
    noMailReason: 'Ask whoever runs the service.',
    checking: 'Checking',
    allWorks: 'Everything works',
    storeAway: 'The mailboxes do not answer at the moment. Your mail is safe.',
    offline: 'The service does not answer.',
    retry: 'Try again',
    version: (version) => `Vaguemestre ${version}`,
    theme: 'Appearance',
    themes: { system: 'Like the system', light: 'Light', dark: 'Dark' },
    language: 'Language',
  },
};
