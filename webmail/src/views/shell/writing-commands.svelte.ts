/**
 * Commands that start a message. An answer is to the message the reader is on in the open conversation, else to the newest of
 * what is chosen that is no draft.
 */
import { t } from '../../i18n/text.svelte.js';
import type { Command } from '../../keys/commands.js';
import { list } from '../../state/list.svelte.js';
import { reading } from '../../state/reading.svelte.js';
import { writing } from '../../state/writing.svelte.js';

function answered(): string | undefined {
  const [target] = list.targets;
  if (target === undefined || list.targets.length > 1) return undefined;
  const messages = list.conversationOf(target).filter((row) => row.keywords['$draft'] !== true);
  return (messages.find((row) => row.id === reading.messageId) ?? messages.at(-1))?.id;
}

function withAnswered(act: (emailId: string) => void): void {
  const id = answered();
  if (id !== undefined) act(id);
}

/** Not all of a view: as many files make no message. */
const severalChosen = (): boolean => list.targets.length > 1 && list.targets.length <= 20 && !list.everything;

export function writingCommands(): readonly Command[] {
  const words = (): typeof t.text.commands => t.text.commands;
  const enabled = (): boolean => answered() !== undefined;
  return [
    {
      id: 'compose.new',
      group: 'write',
      keys: ['c'],
      words: () => words().compose,
      names: ['écrire', 'nouveau', 'compose', 'write', 'new message'],
      run: () => writing.write(),
    },
    {
      id: 'compose.newFull',
      group: 'write',
      keys: ['Shift+c'],
      words: () => words().composeFull,
      names: ['pleine page', 'full page'],
      run: () => writing.write([], true),
    },
    {
      id: 'compose.reply',
      group: 'write',
      keys: ['r'],
      words: () => words().reply,
      names: ['répondre', 'reply'],
      enabled,
      run: () => withAnswered((id) => writing.reply(id, 'author')),
    },
    {
      id: 'compose.replyAll',
      group: 'write',
      keys: ['a'],
      words: () => words().replyAll,
      names: ['répondre à tous', 'reply all'],
      enabled,
      run: () => withAnswered((id) => writing.reply(id, 'all')),
    },
    {
      id: 'compose.replyList',
      group: 'write',
      keys: ['Shift+r'],
      words: () => words().replyList,
      names: ['répondre à la liste', 'reply to list', 'mailing list'],
      enabled,
      run: () => withAnswered((id) => writing.reply(id, 'list')),
    },
    {
      id: 'compose.forward',
      group: 'write',
      keys: ['f'],
      words: () => words().forward,
      names: ['transférer', 'forward'],
      enabled,
      run: () => withAnswered((id) => writing.forward(id)),
    },
    {
      id: 'compose.forwardWhole',
      group: 'write',
      words: () => words().forwardWhole,
      names: ['pièce jointe', 'attachment', 'eml'],
      enabled: () => answered() !== undefined || severalChosen(),
      run: () =>
        severalChosen() ? writing.forwardWhole(list.targets) : withAnswered((id) => writing.forwardWhole([id])),
    },
    {
      id: 'compose.editAsNew',
      group: 'write',
      words: () => words().editAsNew,
      names: ['renvoyer', 'modifier comme nouveau', 'send again', 'resend', 'edit as new'],
      enabled,
      run: () => withAnswered(writing.editAsNew),
    },
  ];
}
