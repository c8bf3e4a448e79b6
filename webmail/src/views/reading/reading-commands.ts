/** What can be done to the conversation that is open, as commands of the registry. */
import type { Command } from '../../keys/commands.js';
import { words } from '../../reading/words/text.svelte.js';

export interface ReadingActs {
  move(by: number): void;
  hasCurrent(): boolean;
  toggle(): void;
  canExpand(): boolean;
  expandAll(): void;
  hasHeldImages(): boolean;
  showImages(): void;
  toggleDetails(): void;
  canPrint(): boolean;
  print(): void;
  showSource(): void;
  save(): void;
  resize(by: number): void;
  canResize(by: number): boolean;
}

export function readingCommands(acts: ReadingActs): readonly Command[] {
  const names = (): typeof words.text.commands => words.text.commands;
  const enabled = acts.hasCurrent;
  return [
    {
      id: 'reading.nextCard',
      group: 'move',
      keys: ['n'],
      words: () => names().nextCard,
      run: () => acts.move(1),
      unlisted: true,
    },
    {
      id: 'reading.previousCard',
      group: 'move',
      keys: ['p'],
      words: () => names().previousCard,
      run: () => acts.move(-1),
      unlisted: true,
    },
    {
      id: 'reading.toggleCard',
      group: 'message',
      keys: ['h'],
      words: () => names().toggleCard,
      names: ['replier', 'fold'],
      enabled,
      run: acts.toggle,
    },
    {
      id: 'reading.expandAll',
      group: 'message',
      keys: [';'],
      words: () => names().expandAll,
      names: ['déplier', 'unfold'],
      enabled: acts.canExpand,
      run: acts.expandAll,
    },
    {
      id: 'reading.images',
      group: 'message',
      keys: ['i'],
      words: () => names().images,
      names: ['images', 'pictures'],
      enabled: acts.hasHeldImages,
      run: acts.showImages,
    },
    {
      id: 'reading.details',
      group: 'message',
      words: () => names().details,
      names: ['en-têtes', 'headers'],
      enabled,
      run: acts.toggleDetails,
    },
    {
      id: 'reading.print',
      group: 'message',
      keys: ['Ctrl+p'],
      words: () => names().print,
      names: ['imprimer', 'print'],
      enabled: acts.canPrint,
      run: acts.print,
      inFields: true,
    },
    {
      id: 'reading.source',
      group: 'message',
      words: () => names().source,
      names: ['source', 'brut', 'raw'],
      enabled,
      run: acts.showSource,
    },
    {
      id: 'reading.download',
      group: 'message',
      words: () => names().download,
      names: ['eml', 'enregistrer', 'save'],
      enabled,
      run: acts.save,
    },
    {
      id: 'reading.larger',
      group: 'message',
      keys: ['+'],
      words: () => names().larger,
      names: ['agrandir', 'zoom', 'taille', 'size'],
      enabled: () => acts.hasCurrent() && acts.canResize(1),
      run: () => acts.resize(1),
    },
    {
      id: 'reading.smaller',
      group: 'message',
      keys: ['-'],
      words: () => names().smaller,
      names: ['réduire', 'zoom', 'taille', 'size'],
      enabled: () => acts.hasCurrent() && acts.canResize(-1),
      run: () => acts.resize(-1),
    },
  ];
}
