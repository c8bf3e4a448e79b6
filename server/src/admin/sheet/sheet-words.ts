/** Every sentence of the sheet for a newcomer, in both languages. French puts a no-break space before : ; ? ! */
import type { Lang } from '@vaguemestre/shared/people';

export interface SheetWords {
  readonly locale: string;
  readonly title: string;
  readonly service: (domain: string) => string;
  readonly address: string;
  readonly lastDay: string;
  readonly sponsor: string;
  readonly web: string;
  readonly webHint: string;
  readonly program: string;
  readonly programHint: string;
  readonly reads: Readonly<Record<'imap' | 'pop3', string>>;
  readonly sends: string;
  readonly server: string;
  readonly port: string;
  readonly security: string;
  readonly userName: string;
  readonly securities: Readonly<Record<'tls' | 'starttls', string>>;
  readonly laboratoryOnly: string;
  readonly keeps: string;
  readonly password: string;
  readonly passwordHint: string;
}

const nb = '\u00a0';

export const sheetWords: Readonly<Record<Lang, SheetWords>> = {
  fr: {
    locale: 'fr-FR',
    title: 'Votre courrier',
    service: (domain) => `Le service de courrier de ${domain}`,
    address: 'Votre adresse',
    lastDay: 'Jusqu’au',
    sponsor: 'Qui vous parraine',
    web: 'Sur le web',
    webHint: 'Rien à installer. Photographiez l’image ou tapez cette adresse dans un navigateur.',
    program: 'Dans un logiciel de courrier',
    programHint: `Thunderbird et d’autres trouvent ces valeurs tout seuls${nb}: donnez votre nom, votre adresse et votre mot de passe. Sinon, recopiez-les.`,
    reads: { imap: 'Lire, par IMAP', pop3: 'Prendre le courrier, par POP3' },
    sends: 'Envoyer, par SMTP',
    server: 'Serveur',
    port: 'Port',
    security: 'Sécurité',
    userName: 'Utilisateur',
    securities: { tls: 'SSL/TLS', starttls: 'STARTTLS' },
    laboratoryOnly: 'Depuis le réseau du laboratoire seulement. Ailleurs, écrivez sur le web.',
    keeps: 'Ce que le logiciel prend reste aussi lisible sur le web.',
    password: 'Votre mot de passe',
    passwordHint:
      'Il vous est remis à part. Changez-le à la première visite sur le web (Réglages, Sécurité). Personne du laboratoire ne vous le demandera jamais par courrier.',
  },
  en: {
    locale: 'en-GB',
    title: 'Your mail',
    service: (domain) => `The mail service of ${domain}`,
    address: 'Your address',
    lastDay: 'Until',
    sponsor: 'Your sponsor',
    web: 'On the web',
    webHint: 'Nothing to install. Scan the picture or type this address into a browser.',
    program: 'In a mail program',
    programHint:
      'Thunderbird and others find these values by themselves: give your name, your address and your password. Otherwise copy them.',
    reads: { imap: 'Reading, over IMAP', pop3: 'Taking mail, over POP3' },
    sends: 'Sending, over SMTP',
    server: 'Server',
    port: 'Port',
    security: 'Security',
    userName: 'User name',
    securities: { tls: 'SSL/TLS', starttls: 'STARTTLS' },
    laboratoryOnly: 'From the network of the laboratory only. Elsewhere, write on the web.',
    keeps: 'What the program takes stays readable on the web as well.',
    password: 'Your password',
    passwordHint:
      'You get it separately. Change it at your first visit to the web (Settings, Security). Nobody of the laboratory will ever ask for it by mail.',
  },
};
