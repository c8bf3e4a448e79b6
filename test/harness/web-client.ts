/**
 * A small browser without a screen: keeps cookies as one does, says where a request comes from as one does, follows nothing by
 * itself. Over a real socket, so that what goes over the wire is what is tested.
 */
import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface WebReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  json<T>(): T;
}

export type Headers = Readonly<Record<string, string | undefined>>;

export interface WebClient {
  readonly origin: string;
  /** By name; change it to steal, plant or lose one. */
  readonly cookies: Map<string, string>;
  /** A header given as undefined is left out. */
  request(method: string, path: string, headers?: Headers, body?: string | Uint8Array): Promise<WebReply>;
  get(path: string, headers?: Headers): Promise<WebReply>;
  /** As the script of the webmail calls: JSON, from our own page, with our header. */
  post(path: string, body: unknown, headers?: Headers): Promise<WebReply>;
  /** As a form of our page, without script. */
  submit(path: string, fields: Readonly<Record<string, string>>, headers?: Headers): Promise<WebReply>;
  /** Fails unless the person is in afterwards. */
  signIn(address: string, password: string, options?: { readonly own?: boolean }): Promise<void>;
  /** The response as it comes, for event streams; the caller destroys it. */
  open(method: string, path: string, headers?: Headers, body?: string | Uint8Array): Promise<IncomingMessage>;
}

export interface WebClientOptions {
  readonly port: number;
  readonly tls?: boolean;
  /** Sent with everything. */
  readonly headers?: Headers;
}

/** What a browser adds to what a script of the page asks for. */
export const ownCall: Headers = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'x-vaguemestre': '1',
};
/** What it adds when a form of the page is sent. */
export const ownForm: Headers = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  accept: 'text/html,*/*;q=0.8',
};

export function webClient(options: WebClientOptions): WebClient {
  const tls = options.tls === true;
  const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${options.port}`;
  const cookies = new Map<string, string>();
  const send = tls ? tlsRequest : plainRequest;

  const client: WebClient = {
    origin,
    cookies,
    open(method, path, headers = {}, body) {
      const all: Record<string, string> = {};
      for (const [name, value] of Object.entries({ ...options.headers, ...headers })) {
        if (value !== undefined) all[name] = value;
      }
      if (cookies.size > 0) all['cookie'] ??= [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      return new Promise((resolve, reject) => {
        const request = send(
          { host: '127.0.0.1', port: options.port, method, path, headers: all, rejectUnauthorized: false },
          (response) => {
            keep(cookies, response.headers['set-cookie'] ?? []);
            resolve(response);
          },
        );
        request.once('error', reject);
        request.end(body);
      });
    },
    async request(method, path, headers, body) {
      const response = await client.open(method, path, headers, body);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const text = bytes.toString('utf8');
      const json = <T>(): T => JSON.parse(text) as T;
      return { status: response.statusCode ?? 0, headers: response.headers, bytes, text, json };
    },
    get: (path, headers) => client.request('GET', path, { ...ownCall, ...headers }),
    post: (path, body, headers) =>
      client.request(
        'POST',
        path,
        { ...ownCall, 'content-type': 'application/json', origin, ...headers },
        JSON.stringify(body),
      ),
    submit: (path, fields, headers) =>
      client.request(
        'POST',
        path,
        { ...ownForm, 'content-type': 'application/x-www-form-urlencoded', origin, ...headers },
        new URLSearchParams(fields).toString(),
      ),
    async signIn(address, password, { own = false } = {}) {
      const fields = { username: address, password, ...(own ? { own: '1' } : {}) };
      const reply = await client.submit('/login', fields, { accept: 'application/json' });
      assert.equal(reply.status, 200, reply.text);
    },
  };
  return client;
}

/** RFC 6265 5.2, as far as the service uses it. */
function keep(cookies: Map<string, string>, lines: readonly string[]): void {
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    const gone = attributes.some((one) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(one));
    if (gone) cookies.delete(name);
    else cookies.set(name, pair.slice(equals + 1).trim());
  }
}
