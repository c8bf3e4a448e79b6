/** What a host offers: its answer to EHLO or LHLO (RFC 5321 4.1.1.1), read leniently, unknown lines left out. */
import type { RemoteReply } from './remote-reply.js';

export interface Extensions {
  readonly pipelining: boolean;
  readonly chunking: boolean;
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  readonly startTls: boolean;
  readonly requireTls: boolean;
  /** RFC 1870: offered; 0 or undefined is "no limit that it knows". */
  readonly size: { readonly maxBytes: number | undefined } | undefined;
  /** Mechanisms in upper case. */
  readonly auth: ReadonlySet<string>;
  /** Attributes it takes. */
  readonly xclient: ReadonlySet<string>;
}

/** Of a host that knows HELO only. */
export const noExtensions: Extensions = {
  pipelining: false,
  chunking: false,
  eightBit: false,
  smtpUtf8: false,
  dsn: false,
  startTls: false,
  requireTls: false,
  size: undefined,
  auth: new Set(),
  xclient: new Set(),
};

export function readExtensions({ lines }: RemoteReply): Extensions {
  const offered = new Map<string, readonly string[]>();
  // The first line is the host's name and greeting.
  for (const line of lines.slice(1)) {
    const [keyword = '', ...parameters] = line.trim().toUpperCase().split(/\s+/);
    // `AUTH=LOGIN` is how servers of the nineties wrote it, beside the right form.
    if (keyword.startsWith('AUTH='))
      offered.set('AUTH', [...(offered.get('AUTH') ?? []), keyword.slice(5), ...parameters]);
    else if (keyword === 'AUTH') offered.set('AUTH', [...(offered.get('AUTH') ?? []), ...parameters]);
    else if (keyword !== '' && !offered.has(keyword)) offered.set(keyword, parameters);
  }
  const size = offered.get('SIZE');
  return {
    pipelining: offered.has('PIPELINING'),
    chunking: offered.has('CHUNKING'),
    eightBit: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    dsn: offered.has('DSN'),
    startTls: offered.has('STARTTLS'),
    requireTls: offered.has('REQUIRETLS'),
    size: size === undefined ? undefined : { maxBytes: sizeLimit(size[0]) },
    auth: new Set(offered.get('AUTH')),
    xclient: new Set(offered.get('XCLIENT')),
  };
}

/** RFC 1870 4: up to 20 digits; 0 says that there is no fixed limit. */
function sizeLimit(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const limit = Number(text);
  return limit === 0 ? undefined : limit;
}
