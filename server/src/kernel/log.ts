import { type Logger, pino } from 'pino';

/**
 * The log: one JSON object a line on standard error (standard output belongs to the `ready` line and the table of
 * addresses). Passwords and message text never reach it: what could hold one is not logged, and the paths below are
 * masked as a second belt.
 */
export type Log = Logger;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export function createLog(level: LogLevel, name: string): Log {
  return pino(
    {
      name,
      level,
      redact: { paths: ['password', 'secret', 'token', '*.password', '*.secret', '*.token'], censor: '***' },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** A log that keeps silent, for tests and for the command line. */
export const silentLog: Log = pino({ level: 'silent' });
