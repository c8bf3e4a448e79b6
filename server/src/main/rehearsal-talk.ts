/** The client's half of a conversation by lines: says something and waits for the answer. */
import type { Duplex } from 'node:stream';

export interface Talk {
  /** Resolves when `answer` came since the last time; without one, at once. Rejects when the other side hangs up instead. */
  ask(octets: string, answer: string | undefined): Promise<void>;
  until(answer: string): Promise<void>;
  hangUp(): void;
}

export function talkOver(stream: Duplex): Talk {
  let heard = '';
  let over = false;
  let wake: (() => void) | undefined;
  stream.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    wake?.();
  });
  stream.on('error', () => undefined);
  stream.on('end', () => {
    over = true;
    wake?.();
  });

  async function until(answer: string): Promise<void> {
    while (!heard.includes(answer)) {
      if (over) throw new Error(`"${answer}" was awaited, and came: ${heard.slice(-200)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    heard = '';
  }

  return {
    until,
    async ask(octets, answer) {
      stream.write(octets, 'latin1');
      if (answer !== undefined) await until(answer);
    },
    hangUp: () => void stream.destroy(),
  };
}
