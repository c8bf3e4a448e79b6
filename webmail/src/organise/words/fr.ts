/** The words of putting folders and labels in order, in French; the type of every other language. */
const nb = '\u00a0';
const many = (count: number): boolean => Math.abs(count) >= 2;
const messages = (count: number, shown: string): string => `${shown}${nb}message${many(count) ? 's' : ''}`;

export const fr = {
  newFolder: 'Nouveau dossier',
  newFolderIn: (parent: string) => `Nouveau dossier dans ${parent}`,
  renameFolder: (name: string) => `Renommer ${name}`,
  folderName: 'Nom du dossier',
  createFolder: 'Créer le dossier',
  rename: 'Renommer',
  moveFolder: (name: string) => `Déplacer ${name}`,
  topLevel: 'Au premier niveau',
  refusals: {
    taken: 'Un dossier porte déjà ce nom à cet endroit.',
    name: 'Ce nom ne convient pas à un dossier. Une barre oblique n’y a pas sa place.',
    parent: 'Un dossier ne va pas dans un de ses propres sous-dossiers.',
    forbidden: 'Ce dossier tient au système, il reste comme il est.',
    tooMany: 'C’est plus de dossiers que la boîte n’en prend.',
    gone: 'Ce dossier n’est plus là.',
    failed: 'Cela n’a pas pu être fait. Rien n’a changé.',
  },
  created: (name: string) => `Dossier ${name} créé`,
  renamed: (name: string) => `Le dossier s’appelle maintenant ${name}`,
  moved: (name: string, parent: string) => `${name} est maintenant dans ${parent}`,
  movedUp: (name: string) => `${name} est maintenant au premier niveau`,
  hidden: (name: string) => `${name} ne se montre plus. Son courrier y arrive toujours.`,
  shown: (name: string) => `${name} se montre à nouveau`,
  removed: (name: string) => `Dossier ${name} supprimé`,
  removedWith: (name: string, count: number, shown: string) =>
    `Dossier ${name} supprimé, ${messages(count, shown)} dans la corbeille`,
  removeQuestion: (name: string) => `Supprimer le dossier ${name}${nb}?`,
  removeExplain: (count: number, shown: string) =>
    many(count) ? `Ses ${messages(count, shown)} vont dans la corbeille.` : `Son message va dans la corbeille.`,
  removeChildren: (count: number) =>
    many(count) ? `Ses ${count} sous-dossiers sont supprimés avec lui.` : 'Son sous-dossier est supprimé avec lui.',
  remove: 'Supprimer le dossier',
  keep: 'Garder',
  allRead: 'Il n’y avait rien de non lu.',
  newLabel: 'Nouvelle étiquette',
  editLabel: (name: string) => `Modifier l’étiquette ${name}`,
  labelName: 'Nom de l’étiquette',
  colour: 'Couleur',
  colours: ['Violet', 'Vert', 'Orange', 'Bleu', 'Rose', 'Olive'],
  createLabel: 'Créer l’étiquette',
  save: 'Enregistrer',
  keyword: (keyword: string) => `Les logiciels de courrier la connaissent sous le nom ${keyword}.`,
  keywordToo: (keyword: string) => `La nommer ${keyword} là aussi, sur tous les messages`,
  labelTaken: 'Une étiquette porte déjà ce nom.',
  labelName0: 'Il faut au moins une lettre ou un chiffre.',
  labelRenamed: (name: string) => `L’étiquette s’appelle maintenant ${name}`,
  labelRemoveQuestion: (name: string) => `Supprimer l’étiquette ${name}${nb}?`,
  labelRemoveExplain: (count: number, shown: string) =>
    `Elle sera retirée de ${messages(count, shown)}. Les messages restent où ils sont.`,
  removeLabel: 'Supprimer l’étiquette',
  labelRemoved: (name: string) => `Étiquette ${name} supprimée`,
};
