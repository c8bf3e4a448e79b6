import type { Lang } from '@vaguemestre/shared/people';
import type { NewPerson } from '../../auth/people.js';

/** The people of the demonstration: a dozen over the roles, each with something to show. */
export interface DemoPerson {
  readonly local: string;
  readonly name: string;
  readonly first: string;
  readonly lang: Lang;
  /** Last lines of what they write. */
  readonly signature: string;
  /** What the person is there to show; printed beside the address. */
  readonly shows: string;
  /** Beside address, name and language. `expiresInDays` is counted from the day of the filling. */
  readonly is: Omit<NewPerson, 'address' | 'name' | 'lang' | 'password' | 'expires'> & {
    readonly expiresInDays?: number;
  };
  /** Came so many days ago: nobody wrote before. */
  readonly here?: number;
  /** Mailboxes of their own, beside those that everybody has; topics are filed there. */
  readonly folders: readonly string[];
}

const gib = 1024 ** 3;

export const cast: readonly DemoPerson[] = [
  {
    local: 'claire.moreau',
    name: 'Claire Moreau',
    first: 'Claire',
    lang: 'fr',
    signature: 'Claire Moreau\nDirectrice du laboratoire',
    shows: 'permanent, administrator',
    is: { role: 'permanent', admin: true, quota: 20 * gib, aliases: ['direction'] },
    folders: ['Direction/Conseil', 'Direction/Budget', 'Projets/Mesures en mer'],
  },
  {
    local: 'antoine.lefebvre',
    name: 'Antoine Lefebvre',
    first: 'Antoine',
    lang: 'fr',
    signature: 'Antoine Lefebvre\nÉquipe Instrumentation, bureau 214',
    shows: 'permanent, sponsor of interns, many folders',
    is: { role: 'permanent', quota: 10 * gib },
    folders: ['Enseignement/Master', 'Projets/Mesures en mer', 'Projets/Détecteurs', 'Stagiaires', 'À relire'],
  },
  {
    local: 'sophie.nguyen',
    name: 'Sophie Nguyen',
    first: 'Sophie',
    lang: 'fr',
    signature: 'Sophie Nguyen\nChargée de recherche',
    shows: 'permanent',
    is: { role: 'permanent', quota: 10 * gib },
    folders: ['Projets/Détecteurs', 'Articles', 'Listes'],
  },
  {
    local: 'james.whitfield',
    name: 'James Whitfield',
    first: 'James',
    lang: 'en',
    signature: 'James Whitfield\nOcean dynamics group',
    shows: 'permanent, in English',
    is: { role: 'permanent', quota: 10 * gib },
    folders: ['Projects/Sea trials', 'Papers', 'Refereeing'],
  },
  {
    local: 'bernard.petit',
    name: 'Bernard Petit',
    first: 'Bernard',
    lang: 'fr',
    signature: 'Bernard Petit\nAtelier de mécanique',
    shows: 'permanent, reads with Eudora over POP3',
    is: { role: 'permanent', eudora: true, quota: 5 * gib },
    folders: [],
  },
  {
    local: 'nadia.costa',
    name: 'Nadia Costa',
    first: 'Nadia',
    lang: 'fr',
    signature: 'Nadia Costa\nGestion et missions',
    shows: 'permanent, mailbox full',
    is: { role: 'permanent', aliases: ['gestion'] },
    folders: ['Commandes', 'Missions', 'Missions/Archives'],
  },
  {
    local: 'mei.tanaka',
    name: 'Mei Tanaka',
    first: 'Mei',
    lang: 'en',
    signature: 'Mei Tanaka\nPhD student, Ocean dynamics',
    shows: 'doctoral, in English',
    is: { role: 'doctoral', quota: 5 * gib, sponsor: 'james.whitfield' },
    folders: ['Thesis', 'Cluster'],
  },
  {
    local: 'lucas.garnier',
    name: 'Lucas Garnier',
    first: 'Lucas',
    lang: 'fr',
    signature: 'Lucas Garnier\nDoctorant',
    shows: 'doctoral, defends this year',
    is: { role: 'doctoral', quota: 5 * gib, sponsor: 'antoine.lefebvre', expiresInDays: 200 },
    folders: ['Thèse', 'Thèse/Manuscrit', 'Calcul'],
  },
  {
    local: 'amina.benali',
    name: 'Amina Benali',
    first: 'Amina',
    lang: 'fr',
    signature: 'Amina Benali\nDoctorante, équipe Instrumentation',
    shows: 'doctoral',
    is: { role: 'doctoral', quota: 5 * gib, sponsor: 'sophie.nguyen' },
    folders: ['Thèse', 'Doctorants'],
  },
  {
    local: 'theo.rousseau',
    name: 'Théo Rousseau',
    first: 'Théo',
    lang: 'fr',
    signature: 'Théo Rousseau\nStagiaire de master',
    shows: 'intern, the stay ends in nine days',
    is: { role: 'intern', quota: gib, sponsor: 'antoine.lefebvre', expiresInDays: 9 },
    here: 120,
    folders: [],
  },
  {
    local: 'hannah.keller',
    name: 'Hannah Keller',
    first: 'Hannah',
    lang: 'en',
    signature: 'Hannah Keller\nIntern',
    shows: 'intern, in English',
    is: { role: 'intern', quota: gib, sponsor: 'james.whitfield', expiresInDays: 75 },
    here: 45,
    folders: [],
  },
  {
    local: 'scanner',
    name: 'Photocopieur du deuxième étage',
    first: 'Photocopieur',
    lang: 'fr',
    signature: 'Photocopieur du deuxième étage',
    shows: 'service, may submit only',
    is: { role: 'service', allow: ['submission'], sponsor: 'nadia.costa' },
    folders: [],
  },
];
