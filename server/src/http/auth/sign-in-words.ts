/** Every sentence of the sign-in page, in both languages. French puts a no-break space before : ; ? ! */
import type { Refusal } from '../../auth/access-policy.js';
import type { Lang } from '../../auth/authenticator.js';

export interface SignInWords {
  readonly title: string;
  readonly service: (domain: string) => string;
  readonly name: string;
  readonly password: string;
  readonly forgotten: string;
  readonly forgottenHelp: string;
  readonly own: string;
  readonly ownHint: string;
  readonly open: string;
  readonly languages: string;
  readonly allWorks: string;
  readonly storeAway: string;
  readonly setUp: string;
  readonly wrong: string;
  readonly throttled: (seconds: number) => string;
  readonly unavailable: string;
  readonly needsTls: string;
  readonly foreign: string;
  readonly failed: string;
  readonly signedOut: string;
  readonly codeTitle: string;
  readonly codeHint: string;
  readonly code: string;
  readonly codeLost: string;
  readonly codeLostHelp: string;
  readonly codeOther: string;
  readonly codeWrong: string;
  readonly recoveryHint: string;
  readonly recoveryLost: string;
  readonly recoveryLostHelp: string;
  readonly codeInstead: string;
  readonly passwordInstead: string;
  readonly passkeyWith: string;
  readonly passkeyInstead: string;
  readonly passkeyTitle: string;
  readonly passkeyHint: string;
  readonly passkeySecondHint: string;
  readonly passkeyUse: string;
  readonly passkeyWrong: string;
  readonly passkeyMissing: string;
  readonly passkeyUnsigned: string;
  readonly refusals: Readonly<Record<Refusal, string>>;
}

export const languageNames: Readonly<Record<Lang, string>> = { fr: 'Français', en: 'English' };

const nb = '\u00a0';

export const signInWords: Readonly<Record<Lang, SignInWords>> = {
  fr: {
    title: 'Votre courrier',
    service: (domain) => `Le service de courrier de ${domain}`,
    name: 'Nom d’utilisateur ou adresse',
    password: 'Mot de passe',
    forgotten: `Oublié${nb}?`,
    forgottenHelp: 'Demandez un nouveau mot de passe à l’équipe qui administre la messagerie.',
    own: 'C’est mon ordinateur',
    ownHint: 'Vous y restez connecté, et une copie chiffrée ouvre le courrier plus vite.',
    open: 'Ouvrir mon courrier',
    languages: 'Langue',
    allWorks: 'Tout fonctionne',
    storeAway: 'Les boîtes ne répondent pas pour le moment. Le courrier est en sûreté.',
    setUp: 'Régler mon logiciel',
    wrong:
      'Ce nom et ce mot de passe ne vont pas ensemble. Vérifiez la touche Maj, ou demandez un nouveau mot de passe.',
    throttled: (seconds) => `Trop d’essais. Attendez ${seconds}${nb}seconde${seconds > 1 ? 's' : ''}, puis réessayez.`,
    unavailable: 'Nous n’arrivons pas à joindre les boîtes. Votre courrier est en sûreté. Réessayez dans un moment.',
    needsTls: 'Cette page doit être ouverte par une adresse en https pour accepter un mot de passe.',
    foreign: 'Cette demande venait d’un autre site. Entrez votre mot de passe ici.',
    failed: 'Quelque chose n’a pas marché de notre côté. Réessayez dans un moment.',
    signedOut: 'Vous êtes déconnecté.',
    codeTitle: 'Votre code',
    codeHint: 'Ouvrez l’application de codes de votre téléphone et tapez les six chiffres qu’elle montre.',
    code: 'Code',
    codeLost: `Téléphone perdu${nb}?`,
    codeLostHelp:
      'Tapez ici un de vos codes de secours. Si vous n’en avez plus, adressez-vous à l’équipe qui administre la messagerie.',
    codeOther: 'Entrer sous un autre nom',
    codeWrong: 'Ce code ne va pas. Attendez le suivant et tapez-le aussitôt. Vérifiez aussi l’heure du téléphone.',
    recoveryHint: 'Tapez un de vos codes de secours.',
    recoveryLost: `Plus de codes${nb}?`,
    recoveryLostHelp: 'Adressez-vous à l’équipe qui administre la messagerie.',
    codeInstead: 'Taper un code',
    passwordInstead: 'Entrer avec mon mot de passe',
    passkeyWith: 'Entrer avec une clé d’accès',
    passkeyInstead: 'Utiliser ma clé d’accès',
    passkeyTitle: 'Votre clé d’accès',
    passkeyHint: 'Votre appareil vous reconnaît, au doigt, au visage ou par son code, et vous ouvre votre courrier.',
    passkeySecondHint: 'Le mot de passe est bon. Montrez maintenant la clé d’accès que vous avez enregistrée.',
    passkeyUse: 'Utiliser ma clé d’accès',
    passkeyWrong: 'Cette clé d’accès n’ouvre rien ici. Essayez-en une autre, ou entrez autrement.',
    passkeyMissing: 'Ce navigateur ne sait pas se servir d’une clé d’accès. Entrez autrement.',
    passkeyUnsigned: 'Aucune clé n’a répondu. Réessayez, ou entrez autrement.',
    refusals: {
      disabled: 'Ce compte est désactivé. Adressez-vous à l’équipe qui administre la messagerie.',
      expired:
        'Ce compte a atteint sa date de fin. Votre courrier est conservé pour le moment. Pour y revenir, adressez-vous à la personne qui vous parraine, ou à l’équipe qui administre la messagerie.',
      useImap: 'Votre compte se lit avec un logiciel de courrier, par IMAP. Réglez-le avec les valeurs ci-dessous.',
      usePop3: 'Votre compte se lit avec un logiciel de courrier, par POP3. Réglez-le avec les valeurs ci-dessous.',
      useWebmail: 'Votre compte se lit dans le webmail.',
      useTls: 'Votre compte demande une connexion chiffrée.',
      useModernTls: 'Cette entrée est réservée aux anciens logiciels.',
      laboratoryOnly: 'Cet accès n’est possible que depuis le réseau du laboratoire.',
      useAppPassword: 'Votre compte demande un mot de passe de logiciel ici.',
      appElsewhere: 'Ce mot de passe de logiciel ne vaut pas ici.',
      notAllowed: 'Votre compte n’a pas droit au webmail. Adressez-vous à l’équipe qui administre la messagerie.',
    },
  },
  en: {
    title: 'Your mail',
    service: (domain) => `The mail service of ${domain}`,
    name: 'User name or address',
    password: 'Password',
    forgotten: 'Forgotten?',
    forgottenHelp: 'Ask the team that runs the mail service for a new password.',
    own: 'This is my own computer',
    ownHint: 'You stay signed in here, and an encrypted copy opens your mail faster.',
    open: 'Open my mail',
    languages: 'Language',
    allWorks: 'Everything works',
    storeAway: 'The mailboxes do not answer at the moment. Your mail is safe.',
    setUp: 'Set up my mail program',
    wrong: 'That name and password do not match. Check Caps Lock, or ask for a new password.',
    throttled: (seconds) => `Too many attempts. Wait ${seconds} second${seconds > 1 ? 's' : ''}, then try again.`,
    unavailable: 'We cannot reach the mailboxes. Your mail is safe. Try again in a moment.',
    needsTls: 'This page has to be opened by an https address before it can take a password.',
    foreign: 'This request came from another site. Enter your password here.',
    failed: 'Something went wrong on our side. Try again in a moment.',
    signedOut: 'You are signed out.',
    codeTitle: 'Your code',
    codeHint: 'Open the code app on your telephone and type the six digits it shows.',
    code: 'Code',
    codeLost: 'Lost your telephone?',
    codeLostHelp: 'Type one of your recovery codes here. If none is left, ask the team that runs the mail service.',
    codeOther: 'Sign in as somebody else',
    codeWrong:
      'That code does not fit. Wait for the next one and type it at once; check the clock of the telephone too.',
    recoveryHint: 'Type one of your recovery codes.',
    recoveryLost: 'No codes left?',
    recoveryLostHelp: 'Ask the team that runs the mail service.',
    codeInstead: 'Type a code',
    passwordInstead: 'Sign in with my password',
    passkeyWith: 'Sign in with a passkey',
    passkeyInstead: 'Use my passkey',
    passkeyTitle: 'Your passkey',
    passkeyHint: 'Your device recognises you, by finger, face or its own code, and opens your mail.',
    passkeySecondHint: 'The password is right. Now show the passkey that you registered.',
    passkeyUse: 'Use my passkey',
    passkeyWrong: 'This passkey opens nothing here. Try another one, or sign in another way.',
    passkeyMissing: 'This browser cannot use a passkey. Sign in another way.',
    passkeyUnsigned: 'No passkey answered. Try again, or sign in another way.',
    refusals: {
      disabled: 'This account is disabled. Ask the team that runs the mail service.',
      expired:
        'This account has reached its end date. Your mail is kept for now. To come back to it, ask your sponsor, or the people who administer the mail system.',
      useImap: 'Your account is read with a mail program, over IMAP. Set it up with the values below.',
      usePop3: 'Your account is read with a mail program, over POP3. Set it up with the values below.',
      useWebmail: 'Your account is read in the webmail.',
      useTls: 'Your account needs an encrypted connection.',
      useModernTls: 'This entrance is kept for old programs.',
      laboratoryOnly: 'This is possible from the network of the laboratory only.',
      useAppPassword: 'Your account asks for an app password here.',
      appElsewhere: 'This app password is not valid here.',
      notAllowed: 'Your account may not use the webmail. Ask the team that runs the mail service.',
    },
  },
};

/** What the person chose on this page, now or before, else the first language of the browser that we speak (RFC 9110 12.5.4). */
export function preferredLanguage(choices: readonly (string | undefined)[], acceptLanguage: string | undefined): Lang {
  for (const chosen of choices) if (chosen === 'fr' || chosen === 'en') return chosen;
  let best: Lang = 'fr';
  let bestWeight = 0;
  for (const item of (acceptLanguage ?? '').slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = item.trim().toLowerCase().split(';');
    const language = tag.split('-')[0];
    if (language !== 'fr' && language !== 'en') continue;
    const quality = parameters.find((one) => one.trim().startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.trim().slice(2));
    if (!(weight > bestWeight)) continue;
    best = language;
    bestWeight = weight;
  }
  return best;
}
