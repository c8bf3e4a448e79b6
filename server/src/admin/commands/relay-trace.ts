import { command } from '../command.js';
import { exitCodes, UsageError } from '../exit-codes.js';
import { harmless, printJson } from '../listing.js';
import { storyOf } from '../relay-story.js';

const shown = 20;
const dayMs = 24 * 3_600_000;

export const relayTrace = command({
  name: 'relay trace',
  takes: ['[ID]'],
  summary: 'tell what became of a message: "where is my mail"',
  details:
    'By its queue id, or by sender, recipient, a part of the subject as it was written, or Message-ID; all that are given have to fit.\n' +
    'The newest come first. Traces are kept for thirty days.',
  examples: [
    'vaguemestre relay trace --recipient claire@labo.example',
    'vaguemestre relay trace --sender zoe@outside.example --days 7',
  ],
  options: {
    sender: { type: 'string', value: 'ADDRESS', says: 'of the envelope' },
    recipient: { type: 'string', value: 'ADDRESS', says: 'one of its recipients' },
    subject: { type: 'string', value: 'TEXT', says: 'a part of it' },
    'message-id': { type: 'string', value: 'ID', says: 'of the header' },
    days: { type: 'string', value: 'N', says: 'not older than so many days; 7 by default' },
  },
  async run({ values, positionals, json, terminal, open }) {
    const [id] = positionals;
    const { sender, recipient, subject, 'message-id': messageId, days = '7' } = values;
    if ([id, sender, recipient, subject, messageId].every((one) => one === undefined)) {
      throw new UsageError('say which message: its id, or --sender, --recipient, --subject or --message-id');
    }
    if (!/^\d{1,3}$/.test(days)) throw new UsageError('--days takes a number');
    const desk = await (await open()).relay();
    const found = await desk.trace(
      {
        since: new Date(Date.now() - Number(days) * dayMs),
        ...(id !== undefined && { id }),
        ...(sender !== undefined && { sender }),
        ...(recipient !== undefined && { recipient }),
        ...(subject !== undefined && { subject }),
        ...(messageId !== undefined && { messageId }),
      },
      shown,
    );
    if (json) printJson(terminal, found);
    else if (found.length === 0) terminal.out('The relay has seen no such message.\n');
    else for (const message of found) terminal.out(`${storyOf(message).map(harmless).join('\n')}\n\n`);
    return exitCodes.ok;
  },
});
