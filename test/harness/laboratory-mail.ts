/** A mailbox such as the pictures of the page show, for the JMAP server in memory: people of the laboratory, of our own writing. */
import type { MemoryJmap } from './memory-jmap.js';

const people = [
  ['Anna Weber', 'anna.weber@uni-x.example'],
  ['Hugo Lemarchand', 'hugo.lemarchand@labo.example'],
  ['Inès Delorme', 'ines.delorme@labo.example'],
  ['Thibault Garrec', 'thibault.garrec@labo.example'],
  ['Gestion du laboratoire', 'gestion@labo.example'],
  ['Noémie Fabrègue', 'noemie.fabregue@labo.example'],
  ['Secrétariat ED 352', 'secretariat@ed352.example'],
  ['Yann Kerbrat', 'yann.kerbrat@labo.example'],
  ['Atelier de mécanique', 'atelier@labo.example'],
  ['Service des missions', 'missions@campus.example'],
  ['Margaux Petitjean', 'margaux.petitjean@labo.example'],
  ['Bibliothèque', 'bibliotheque@campus.example'],
] as const;

const talks = [
  [
    'Chapitre 2, version à relire',
    'J’ai repris la figure 2.4 et raccourci la partie sur les contraintes.',
    'encadrement',
  ],
  ['Fuite d’hélium sur le cryostat 3', 'Le joint indium est changé, on remonte la pression ce soir.', 'urgent'],
  ['Ordre de mission Grenoble : à signer', 'Il me manque seulement votre signature page 2 et la date du retour.', ''],
  ['Séminaire de vendredi', 'La salle Ampère est réservée de 11 h à 12 h 30.', ''],
  ['Comité de suivi : dates proposées', 'Merci de répondre avant le 4 décembre pour les trois créneaux.', ''],
  ['Re : script de dépouillement', 'Ça marche chez moi avec la branche de développement.', ''],
  ['Porte-échantillon en laiton : pièce prête', 'Vous pouvez passer la prendre à l’atelier.', ''],
  ['Billets Paris–Grenoble du 8 décembre', 'Départ à 7 h 12, retour le lendemain.', ''],
  ['Commande de substrats saphir', 'Le devis révisé est en pièce jointe.', 'anr_mésophase'],
  ['Votre article est en ligne', 'Le texte intégral est déposé dans l’archive ouverte.', ''],
] as const;

/** Dates go back from `now`, closer together at first. */
export function fillLaboratory(jmap: MemoryJmap, count: number, now: Date): void {
  const minute = 60_000;
  const day = 24 * 60 * minute;
  for (let index = count - 1; index >= 0; index--) {
    const [name, email] = people[index % people.length] ?? people[0];
    const [subject, preview, label] = talks[index % talks.length] ?? talks[0];
    const age = index < 4 ? index * 37 * minute : index < 14 ? (index - 3) * 0.75 * day : index * 0.5 * day;
    const keywords: Record<string, true> = {};
    if (index > 20 || index % 3 === 0) keywords['$seen'] = true;
    if (index === 1) keywords['$flagged'] = true;
    if (index % 9 === 5) keywords['$answered'] = true;
    if (label !== '') keywords[label] = true;
    jmap.deliver({
      mailboxIds: { [index % 11 === 10 ? 'archive' : 'inbox']: true },
      keywords,
      from: [{ name, email }],
      subject: index < talks.length ? subject : `${subject} (${index})`,
      preview,
      hasAttachment: index % 4 === 0,
      size: 2000 + index * 10,
      receivedAt: new Date(now.getTime() - age).toISOString().replace(/\.\d+Z/, 'Z'),
    });
  }
  const thread = 't-beam';
  const talk = [
    [
      'Hugo Lemarchand',
      'hugo.lemarchand@labo.example',
      'inbox',
      'Je peux prendre la nuit de mardi si personne d’autre ne la veut.',
    ],
    [
      'Claire Vasseur',
      'claire.vasseur@labo.example',
      'sent',
      'Bonjour Anna, nous aurions besoin de deux postes de nuit.',
    ],
    [
      'Anna Weber',
      'anna.weber@uni-x.example',
      'inbox',
      'Jeudi nous convient. Les créneaux libres sont dans le tableau joint.',
    ],
  ] as const;
  talk.forEach(([name, email, box, preview], index) => {
    jmap.deliver({
      threadId: thread,
      mailboxIds: { [box]: true },
      keywords: { $seen: true, anr_mésophase: true },
      from: [{ name, email }],
      subject: 'Temps de faisceau, semaine 50',
      preview,
      hasAttachment: index === 2,
      receivedAt: new Date(now.getTime() - (index === 2 ? 3 * minute : (3 - index) * 0.6 * day))
        .toISOString()
        .replace(/\.\d+Z/, 'Z'),
    });
  });
}
