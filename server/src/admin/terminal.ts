import { UsageError } from './exit-codes.js';

/**
 * The person, or the script, at the other end: results go to `out`, everything said beside them (questions, progress,
 * errors) to `err`, so that a pipe gets results only.
 */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** A person reads `err`: progress bars and questions make sense. */
  readonly interactive: boolean;
  readonly columns: number;
  /** Asks without showing what is typed. MailError usage if there is nobody to ask. */
  askSecret(question: string): Promise<string>;
  /** True only for a clear yes. */
  confirm(question: string): Promise<boolean>;
  /** The first line of standard input, at most `maxBytes`, without its line end. */
  readLine(maxBytes: number): Promise<Buffer>;
}

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function createTerminal({ stdin, stdout, stderr }: TerminalStreams): Terminal {
  const interactive = stdin.isTTY === true && stderr.isTTY === true;

  const ask = async (question: string, hidden: boolean): Promise<string> => {
    if (!interactive) throw new UsageError('there is no terminal to ask on');
    stderr.write(question);
    stdin.setRawMode(true);
    try {
      return await typed(stdin, (shown) => void stderr.write(hidden ? '' : shown));
    } finally {
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    }
  };

  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    interactive,
    columns: stderr.columns ?? 80,
    askSecret: (question) => ask(question, true),
    async confirm(question) {
      const answer = await ask(`${question} [y/N] `, false);
      return ['y', 'yes', 'o', 'oui'].includes(answer.trim().toLowerCase());
    },
    async readLine(maxBytes) {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of stdin as AsyncIterable<Buffer>) {
        const end = chunk.indexOf(0x0a);
        chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
        size += chunk.length;
        if (end >= 0 || size > maxBytes) break;
      }
      const line = Buffer.concat(chunks);
      return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
    },
  };
}

/** One line from a terminal in raw mode: nothing is echoed by the system, so that a password never shows. */
async function typed(stdin: NodeJS.ReadStream, echo: (shown: string) => void): Promise<string> {
  let line = '';
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    for (const character of chunk.toString('utf8')) {
      if (character === '\r' || character === '\n' || character === '\x04') return line;
      if (character === '\x03') throw new UsageError('interrupted');
      if (character === '\x7f' || character === '\b') {
        if (line !== '') echo('\b \b');
        line = [...line].slice(0, -1).join('');
      } else if (character >= ' ') {
        line += character;
        echo(character);
      }
    }
  }
  return line;
}
