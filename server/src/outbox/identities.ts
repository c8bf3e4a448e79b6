/**
 * The identities of a person (RFC 8621 6): one for each address they have, always there, and those they made besides. Only own
 * addresses: an identity of an address that a person lost is kept and not shown, as nothing can be sent with it.
 */
import { createHash } from 'node:crypto';
import { newObjectId } from '../database/contents.js';
import type { Identities as IdentitiesCollection, IdentityDocument } from '../database/identities.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { maxIdentities } from '../kernel/limits.js';

/** Under which addresses somebody may write: what `main` knows from the people. */
export interface Sender {
  readonly name: string;
  /** Main address first; lower case. */
  readonly addresses: readonly string[];
  /** One of them, also with a +detail. */
  owns(address: string): boolean;
}

export interface Identity extends IdentityFields {
  readonly id: string;
  readonly email: string;
  readonly mayDelete: boolean;
}

export type IdentityFields = Pick<IdentityDocument, 'name' | 'replyTo' | 'bcc' | 'textSignature' | 'htmlSignature'>;

export interface PersonIdentities {
  /** Those of the addresses first. */
  list(account: AccountId): Promise<readonly Identity[]>;
  /** `email` is one of the person's addresses, or of their +details. MailError limit, nonexistent (the address is not theirs). */
  create(account: AccountId, email: string, fields: IdentityFields): Promise<Identity>;
  /** MailError nonexistent, conflict. */
  update(account: AccountId, id: string, fields: IdentityFields): Promise<void>;
  /** MailError nonexistent; cannot: it belongs to an address. */
  remove(account: AccountId, id: string): Promise<void>;
  removeAccount(account: AccountId): Promise<void>;
}

export function createIdentities(
  collection: IdentitiesCollection,
  senderOf: (account: AccountId) => Promise<Sender | undefined>,
): PersonIdentities {
  async function read(account: AccountId) {
    const [sender, kept] = await Promise.all([senderOf(account), collection.list(account)]);
    if (sender === undefined) throw new MailError('nonexistent', 'There is no such person');
    const byId = new Map(kept.map((document) => [idOf(document), document]));
    const own = sender.addresses.map((email): Known => {
      const id = identityIdOf(email);
      const document = byId.get(id);
      byId.delete(id);
      const fields = document ?? { ...emptyFields, name: sender.name };
      return { v: document?.v ?? 0, identity: identityOf(id, email, fields, false) };
    });
    const made = [...byId].flatMap(([id, document]): Known[] =>
      sender.owns(document.email) ? [{ v: document.v, identity: identityOf(id, document.email, document, true) }] : [],
    );
    return { sender, kept, known: [...own, ...made] };
  }

  async function find(account: AccountId, id: string): Promise<Known> {
    const { known } = await read(account);
    const found = known.find(({ identity }) => identity.id === id);
    if (found === undefined) throw new MailError('nonexistent', 'There is no such identity');
    return found;
  }

  return {
    async list(account) {
      return (await read(account)).known.map(({ identity }) => identity);
    },
    async create(account, email, fields) {
      const { sender, kept } = await read(account);
      if (!sender.owns(email)) throw new MailError('nonexistent', 'The address is not yours');
      if (kept.length >= maxIdentities) throw new MailError('limit', `At most ${maxIdentities} identities`);
      const id = newObjectId();
      await collection.put({ _id: `${account}/${id}`, a: account, email, ...only(fields), v: 1 });
      return identityOf(id, email, fields, true);
    },
    async update(account, id, fields) {
      const { v, identity } = await find(account, id);
      const document = { _id: `${account}/${id}`, a: account, email: identity.email, ...only(fields), v: v + 1 };
      if (!(await collection.put(document))) throw new MailError('conflict', 'The identity was changed meanwhile');
    },
    async remove(account, id) {
      const { identity } = await find(account, id);
      if (!identity.mayDelete) throw new MailError('cannot', 'This identity belongs to one of your addresses');
      await collection.remove(account, id);
    },
    removeAccount: (account) => collection.removeAccount(account),
  };
}

interface Known {
  readonly identity: Identity;
  /** 0: it has no document. */
  readonly v: number;
}

const emptyFields: Omit<IdentityFields, 'name'> = { replyTo: null, bcc: null, textSignature: '', htmlSignature: '' };

/** The same for an address wherever it is asked, and never an id of one that was made. */
export function identityIdOf(email: string): string {
  return `d${createHash('sha256').update(email).digest('hex').slice(0, 16)}`;
}

const idOf = ({ _id, a }: IdentityDocument): string => _id.slice(a.length + 1);

function identityOf(id: string, email: string, fields: IdentityFields, mayDelete: boolean): Identity {
  return { id, email, mayDelete, ...only(fields) };
}

function only({ name, replyTo, bcc, textSignature, htmlSignature }: IdentityFields): IdentityFields {
  return { name, replyTo, bcc, textSignature, htmlSignature };
}
