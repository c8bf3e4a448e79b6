import type { EnableCommand } from './command.js';
import type { CommandReader } from './reader.js';

/** 1*(SP capability) (RFC 9051 6.3.1, RFC 5161). */
export function parseEnable(reader: CommandReader): EnableCommand {
  const capabilities: string[] = [];
  reader.expectSpace();
  do capabilities.push(reader.expectKeyword('a capability'));
  while (reader.space() && reader.peek() !== -1);
  return { kind: 'enable', capabilities };
}
