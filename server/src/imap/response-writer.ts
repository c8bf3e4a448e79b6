/**
 * Where the responses that come in thousands are made: one buffer for all sessions of a process, so that an idle session holds
 * none. What one session writes can never reach another: the writer is only there within a function that awaits nothing, and
 * what that leaves behind by throwing is thrown away.
 */
import { createFetchWriter, type FetchWriter } from '../codec/imap/fetch-writer.js';
import { createOctetWriter, type OctetWriter } from '../codec/imap/octet-writer.js';
import type { Connection } from '../net/connection.js';

export interface ResponseWriter {
  /** Queues on `connection` what `write` writes; nothing of it if it throws. */
  send(connection: Connection, write: (fetch: FetchWriter, out: OctetWriter) => void): void;
}

export function createResponseWriter(): ResponseWriter {
  const out = createOctetWriter();
  const fetch = createFetchWriter(out);
  return {
    send(connection, write) {
      let complete = false;
      try {
        write(fetch, out);
        complete = true;
      } finally {
        const octets = out.take();
        if (complete && octets.length > 0) connection.write(octets);
      }
    },
  };
}
