/** Folders and labels put in order: one chunk with its words, fetched when somebody first does. */

export { default as FolderSheet } from './FolderSheet.svelte';
export * as folderActs from './folder-acts.js';
export { default as LabelSheet } from './LabelSheet.svelte';
export * as labelActs from './label-acts.js';
export { default as MoveFolderSheet } from './MoveFolderSheet.svelte';
export { default as RemoveSheet } from './RemoveSheet.svelte';
