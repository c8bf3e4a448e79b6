/** The words of putting folders and labels in order, in English. */
import type { Words } from '../../i18n/language.js';
import type { fr } from './fr.js';

const messages = (count: number, shown: string): string => `${shown} message${count === 1 ? '' : 's'}`;

export const en: Words<typeof fr> = {
  newFolder: 'New folder',
  newFolderIn: (parent) => `New folder in ${parent}`,
  renameFolder: (name) => `Rename ${name}`,
  folderName: 'Folder name',
  createFolder: 'Create the folder',
  rename: 'Rename',
  moveFolder: (name) => `Move ${name}`,
  topLevel: 'To the top level',
  refusals: {
    taken: 'There is a folder of that name in this place already.',
    name: 'A folder cannot have that name. A slash has no place in it.',
    parent: 'A folder does not go into one of its own folders.',
    forbidden: 'This folder belongs to the system, it stays as it is.',
    tooMany: 'That is more folders than the mailbox takes.',
    gone: 'This folder is no longer there.',
    failed: 'This could not be done. Nothing has changed.',
  },
  created: (name) => `Folder ${name} created`,
  renamed: (name) => `The folder is now called ${name}`,
  moved: (name, parent) => `${name} is now in ${parent}`,
  movedUp: (name) => `${name} is now at the top level`,
  hidden: (name) => `${name} is no longer shown. Its mail still arrives in it.`,
  shown: (name) => `${name} is shown again`,
  removed: (name) => `Folder ${name} deleted`,
  removedWith: (name, count, shown) => `Folder ${name} deleted, ${messages(count, shown)} moved to the trash`,
  removeQuestion: (name) => `Delete the folder ${name}?`,
  removeExplain: (count, shown) =>
    count === 1 ? 'Its message goes to the trash.' : `Its ${messages(count, shown)} go to the trash.`,
  removeChildren: (count) =>
    count === 1 ? 'The folder in it is deleted with it.' : `The ${count} folders in it are deleted with it.`,
  remove: 'Delete the folder',
  keep: 'Keep',
  allRead: 'Nothing was unread.',
  newLabel: 'New label',
  editLabel: (name) => `Edit the label ${name}`,
  labelName: 'Label name',
  colour: 'Colour',
  colours: ['Violet', 'Green', 'Orange', 'Blue', 'Pink', 'Olive'],
  createLabel: 'Create the label',
  save: 'Save',
  keyword: (keyword) => `Mail programs know it by the name ${keyword}.`,
  keywordToo: (keyword) => `Name it ${keyword} there too, on every message`,
  labelTaken: 'There is a label of that name already.',
  labelName0: 'It takes at least one letter or digit.',
  labelRenamed: (name) => `The label is now called ${name}`,
  labelRemoveQuestion: (name) => `Delete the label ${name}?`,
  labelRemoveExplain: (count, shown) =>
    `It will be taken off ${messages(count, shown)}. The messages stay where they are.`,
  removeLabel: 'Delete the label',
  labelRemoved: (name) => `Label ${name} deleted`,
};
