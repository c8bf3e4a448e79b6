/**
 * The server side of TLS for every listener: TLS 1.2 and 1.3, one certificate that can be replaced while connections live. And
 * for the listeners that exist for Eudora: TLS 1.0 to 1.2 with RSA and AES-CBC, which is what such programs and OpenSSL still
 * have in common (no RC4, no 3DES, no SSL 3).
 *
 * A `tls.Server` that listens nowhere does the handshakes, so that sockets can come from a listener, from behind a PROXY
 * header, or from a STARTTLS, and a new certificate takes effect for the next of them. A certificate that cannot be read
 * leaves the old one in force and is logged.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { MailError } from '../kernel/errors.js';
import { handshakeTimeoutMs } from '../kernel/limits.js';

export interface TlsFiles {
  /** PEM: the certificate and its chain. */
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM of the authorities whose client certificates are trusted; undefined: none is asked for. */
  readonly clientCaFile?: string;
  /** For programs of before 2008. */
  readonly legacy?: boolean;
}

export interface TlsContext {
  /** Does the handshake; rejects when it fails or takes too long, the socket is destroyed then. */
  secure(socket: Socket): Promise<TLSSocket>;
  /** Reads the files again. Rejects, and keeps what it had, when they make no sense. */
  reload(): Promise<void>;
}

export async function createTlsContext(files: TlsFiles): Promise<TlsContext> {
  const waiting = new WeakMap<Socket, { resolve(socket: TLSSocket): void; reject(error: Error): void }>();
  const server = createServer({
    ...(await readMaterial(files)),
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: files.clientCaFile !== undefined,
    // Who has no certificate is not turned away: trust is decided by the front end.
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    socket.allowHalfOpen = true;
    waiting.get(rawSocketOf(socket))?.resolve(socket);
  });
  server.on('tlsClientError', (error, socket) => {
    socket.destroy();
    waiting.get(rawSocketOf(socket))?.reject(error);
  });
  return {
    secure: async (socket) => {
      const lost = (): void => {
        waiting.get(socket)?.reject(new MailError('closed', 'Connection lost during the TLS handshake'));
      };
      socket.once('close', lost);
      try {
        return await new Promise<TLSSocket>((resolve, reject) => {
          waiting.set(socket, { resolve, reject });
          // A peer that closes its side in the handshake is gone; afterwards it may still wait for answers.
          socket.allowHalfOpen = false;
          server.emit('connection', socket);
        });
      } finally {
        waiting.delete(socket);
        socket.off('close', lost);
      }
    },
    reload: async () => {
      server.setSecureContext(await readMaterial(files));
    },
  };
}

interface Material {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly minVersion: 'TLSv1' | 'TLSv1.2';
  readonly maxVersion?: 'TLSv1.2';
  readonly ciphers?: string;
}

/** Level 0: signatures with SHA-1 and TLS below 1.2 are off in any other. */
const legacyCiphers = 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-SHA:AES256-SHA:AES128-SHA:@SECLEVEL=0';

async function readMaterial(files: TlsFiles): Promise<Material> {
  const [cert, key, ca] = await Promise.all([
    readFile(files.certFile),
    readFile(files.keyFile),
    files.clientCaFile === undefined ? undefined : readFile(files.clientCaFile),
  ]);
  if (files.legacy === true) return { cert, key, minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: legacyCiphers };
  const minVersion = 'TLSv1.2'; // RFC 8996
  return ca === undefined ? { cert, key, minVersion } : { cert, key, ca, minVersion };
}

/** Node keeps the socket under a TLS socket in `_parent` (since 0.12, and in 20, 22 and 24: a test holds it to that). */
function rawSocketOf(socket: TLSSocket): Socket {
  return (socket as TLSSocket & { readonly _parent: Socket })._parent;
}

/** Subject of the client's certificate if one was given and leads to a trusted authority. */
export function verifiedSubject(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as Readonly<Record<string, string | string[]>> | undefined;
  if (subject === undefined) return undefined;
  return Object.entries(subject)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}=${one}`))
    .join(', ');
}
