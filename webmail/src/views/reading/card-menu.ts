/** The menu of one message of the conversation: the commands that are about a message, and what only its card can do. */
import { commandOf, runCommand } from '../../keys/commands.js';
import { hasBothForms } from '../../reading/open-message.js';
import { words } from '../../reading/words/text.svelte.js';
import { reading } from '../../state/reading.svelte.js';
import { theme } from '../../state/theme.svelte.js';
import type { MenuItem } from '../../ui/Menu.svelte';
import { type ConversationPane, turn } from './conversation-pane.svelte.js';

export function cardMenu(pane: ConversationPane, id: string): MenuItem[] {
  const { conversation, darkened } = pane;
  const view = conversation.viewOf(id);
  const paints = view?.bodies.some((body) => body.kind === 'html' && body.clean.colours === 'painted') === true;
  const names = words.text.commands;
  const items = ['compose.reply', 'compose.replyAll', 'compose.forward'].flatMap((command): MenuItem[] => {
    const found = commandOf(command);
    if (!found) return [];
    const run = (): void => {
      conversation.current = id;
      reading.messageId = id; // at once: the command asks before any effect has run
      void runCommand(command);
    };
    return [{ id: command, words: found.words(), run }];
  });
  if (theme.dark && paints) {
    const says = darkened.has(id) ? words.text.lighten : words.text.darken;
    items.push({ id: 'dark', words: says, apart: true, run: () => turn(darkened, id) });
  }
  if (view?.message !== undefined && hasBothForms(view.message)) {
    const says = view.plain ? words.text.richText : words.text.plainText;
    items.push({ id: 'plain', words: says, apart: true, run: () => void view.setPlain(!view.plain) });
  }
  items.push(
    { id: 'print', words: names.printOne, apart: true, run: () => void pane.print([id]) },
    { id: 'source', words: names.source, run: () => pane.showSource(id) },
    { id: 'download', words: names.download, run: () => pane.save(id) },
  );
  return items;
}
