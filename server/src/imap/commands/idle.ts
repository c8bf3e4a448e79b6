/**
 * IDLE (RFC 9051 6.3.13, RFC 2177): updates go out as they come up, until DONE. Clients are known that send their next
 * command in place of DONE: it ends IDLE and is run. A word on the line now and then keeps address translators from
 * forgetting the connection and finds out clients that are gone; so IDLE has no time limit of its own.
 */
import { MailError } from '../../kernel/errors.js';
import { idleReadTimeoutMs, maxLineBytes } from '../../kernel/limits.js';
import { type Outcome, ok } from '../outcome.js';
import { loginOf, type Session } from '../session.js';
import { sendUpdates } from '../updates.js';

export async function idle(session: Session): Promise<Outcome> {
  loginOf(session);
  const { connection } = session;
  connection.write('+ idling\r\n');
  const pusher = createPusher(session);
  const keepalive = setInterval(() => connection.write('* OK Still here\r\n'), session.services.timeouts.keepaliveMs);
  try {
    connection.setReadTimeout(idleReadTimeoutMs);
    session.waiting = true;
    const line = await connection.readLine(maxLineBytes);
    if (line.kind === 'end') throw new MailError('closed', 'Connection closed');
    if (line.kind === 'tooLong') return { status: 'BAD', text: 'Expected DONE' };
    if (isDone(line.bytes)) return ok('IDLE terminated');
    // The line is the next command; the loop reads it again.
    connection.unread(Buffer.concat([line.bytes, crlf]));
    return ok('IDLE terminated without DONE');
  } finally {
    session.waiting = false;
    clearInterval(keepalive);
    await pusher.stop();
  }
}

const crlf = Buffer.from('\r\n');

/** RFC 2177: without case; trailing white space is forgiven. */
const isDone = (line: Buffer): boolean =>
  line.length <= 16 && line.toString('latin1').trimEnd().toUpperCase() === 'DONE';

interface Pusher {
  stop(): Promise<void>;
}

/** Sends updates one after another; a client that does not read is waited for, and then told of everything at once. */
function createPusher(session: Session): Pusher {
  const { state } = session;
  if (state.kind !== 'selected') return { stop: async () => {} };
  const selected = state;
  let stopped = false;
  let running: Promise<void> | undefined;
  const push = async (): Promise<void> => {
    try {
      while (!stopped && selected.mailbox.cursor.pending) {
        await sendUpdates(session, selected, { expunges: true });
        session.connection.flush();
        await session.connection.drained();
      }
    } catch (error) {
      if (!(error instanceof MailError && error.code === 'closed'))
        session.log.error({ err: error }, 'IDLE update failed');
      session.connection.destroy('updates cannot be sent');
    }
    running = undefined;
  };
  const wake = (): void => {
    if (!stopped) running ??= push();
  };
  const forget = selected.mailbox.cursor.onPending(wake);
  if (selected.mailbox.cursor.pending) wake();
  return {
    async stop() {
      stopped = true;
      forget();
      await running;
    },
  };
}
