/**
 * What the server says besides numbers, in the language that LANG chose (RFC 6856 3). ASCII, as POP3 text is without UTF8 (RFC
 * 1939 3): the French has lost its accents here. Clients read what stands in brackets, people the rest.
 */
import type { Lang } from '../auth/authenticator.js';

const words = {
  unknown: ['This command is not known', "Cette commande n'est pas connue"],
  usage: ['The arguments of this command are wrong', 'Les arguments de cette commande sont faux'],
  number: ['That is no message number', "Ce n'est pas un numero de message"],
  control: ['Control characters in a command', 'Caracteres de controle dans une commande'],
  tooLong: ['The line is too long', 'La ligne est trop longue'],
  logInFirst: ['Log in first', "Identifiez-vous d'abord"],
  loggedIn: ['You are logged in already', 'Vous etes deja identifie'],
  userFirst: ['Say USER first', "Dites d'abord USER"],
  password: ['Now the password', 'Le mot de passe maintenant'],
  startTls: ['Start TLS first (STLS), or choose SSL/TLS', "Commencez TLS d'abord (STLS), ou choisissez SSL/TLS"],
  apop: [
    'APOP needs passwords to be kept readable, which is not done here; choose a password over SSL/TLS',
    'APOP exige de garder les mots de passe en clair, ce qui ne se fait pas ici; choisissez le mot de passe par SSL/TLS',
  ],
  mechanism: ['This mechanism is not offered', "Ce mecanisme n'est pas propose"],
  malformed: ['The credentials are malformed', 'Les identifiants sont mal formes'],
  cancelled: ['Authentication was given up', "L'authentification est abandonnee"],
  tlsOn: ['TLS is on already', 'TLS est deja actif'],
  noTls: ['TLS is not available', "TLS n'est pas disponible"],
  tlsAfterUtf8: ['STLS comes before UTF8', 'STLS vient avant UTF8'],
  beginTls: ['Begin TLS', 'Commencez TLS'],
  noMessage: ['There is no such message', "Ce message n'existe pas"],
  deleted: ['This message is marked as deleted', 'Ce message est marque comme efface'],
  gone: ['This message was removed meanwhile', 'Ce message a ete retire entre-temps'],
  marked: ['The message will be deleted at QUIT', 'Le message sera efface a QUIT'],
  bye: ['Goodbye', 'Au revoir'],
  notRemoved: ['Nothing was deleted; try again', "Rien n'a ete efface; recommencez"],
  uncertain: [
    'The store does not answer; whether the messages were deleted is not known',
    'Le magasin ne repond pas; on ne sait pas si les messages ont ete effaces',
  ],
  tooManyFailures: ['Too many failed logins', "Trop d'echecs d'identification"],
  tooManyErrors: ['Too many bad commands', 'Trop de commandes fausses'],
  stopping: ['The service is stopping', "Le service s'arrete"],
  capabilities: ['Capability list follows', 'Liste des capacites'],
  mechanisms: ['Mechanisms', 'Mecanismes'],
  languages: ['Languages', 'Langues'],
  noLanguage: ['This language is not spoken here', "Cette langue n'est pas parlee ici"],
  utf8: ['UTF-8 is on', 'UTF-8 est actif'],
  reset: ['No message is marked as deleted', "Aucun message n'est marque comme efface"],
  ok: ['Still here', 'Toujours la'],
  headers: ['Headers follow', 'Voici les entetes'],
  internal: ['Internal error, reference', 'Erreur interne, reference'],
} as const satisfies Record<string, readonly [en: string, fr: string]>;

export type Word = keyof typeof words;

export const say = (word: Word, lang: Lang): string => words[word][lang === 'en' ? 0 : 1];
