/**
 * One message being written: the draft, its files, how it is kept, and how it leaves. It outlives its window: while a
 * message is held on the server it can come back as it was.
 */
import type { EmailAddress } from '@vaguemestre/shared/jmap/email';
import type { Identity } from '@vaguemestre/shared/jmap/submission';
import { isFailure } from '../jmap/failure.js';
import { type Autosave, createAutosave, type SaveState } from './autosave.js';
import type { BodySource } from './body-source.js';
import { type ComposeContext, identityOf, senderOf } from './context.js';
import { type Draft, isEmpty } from './draft.js';
import { draftEmail } from './draft-email.js';
import { createDraftFiles, type DraftFiles } from './draft-files.svelte.js';
import { base64Growth, type SendWarning, sendWarnings } from './send-warnings.js';
import { signatureText } from './starting-text.js';

interface Body {
  readonly mode: Draft['mode'];
  readonly text: string;
  readonly html: string;
}

export interface Composer {
  /** Watched; without what was typed in the body since it was last kept (see `current`). */
  readonly draft: Draft;
  readonly save: SaveState;
  readonly files: DraftFiles;
  /** The session is over: what is written is kept here until the password is given again. */
  readonly signedOut: boolean;
  /** With the body as it stands. */
  current(): Draft;
  change(patch: Partial<Draft>): void;
  /** Another identity: its signature takes the place of the one that stands in the text. */
  writeAs(identityId: string): void;
  /** The body changed; it is read when it is kept. */
  touch(): void;
  useBody(source: BodySource, mode: Draft['mode']): () => void;
  addFiles(
    files: readonly File[],
    shown: boolean,
  ): readonly { readonly file: File; readonly cid: string | undefined }[];
  removeFile(key: string): void;
  warnings(known: readonly EmailAddress[]): readonly SendWarning[];
  /** Everything on the server, older copies gone. Rejects when that fails; it is kept here then. */
  flush(): Promise<void>;
  /** The password was given again. */
  signedInAgain(): void;
  /** Here and on the server. */
  destroyDraft(): Promise<void>;
  release(): void;
}

const clock = {
  now: () => Date.now(),
  after: (ms: number, then: () => void) => {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

const signatureLines = (identity: Identity | undefined): readonly string[] =>
  signatureText(identity?.textSignature ?? '')
    .split('\n')
    .slice(0, -1);

export function createComposer(context: ComposeContext, initial: Draft): Composer {
  const { store, drafts } = context;
  let draft = $state.raw(initial);
  let save = $state.raw<SaveState>({ kind: 'clean' });
  let signedOut = $state(false);
  let body: { readonly mode: Draft['mode']; readonly source: BodySource } | undefined;
  /** What stood in a body that was taken from the screen: of a folded composer, or one on its way out. */
  let left: Body | undefined;

  const files = createDraftFiles(store.client, Math.floor(context.maxMessageOctets / base64Growth), (key, blobId) => {
    set({ files: draft.files.map((file) => (file.key === key ? { ...file, blobId } : file)) });
  });

  function set(patch: Partial<Draft>): void {
    draft = { ...draft, ...patch };
    autosave.changed();
  }

  function written(): Body | undefined {
    if (body === undefined) return left;
    const { mode, source } = body;
    return { mode, text: source.text(), html: mode === 'rich' ? source.html() : '' };
  }

  function current(): Draft {
    const now = written();
    return now?.mode === draft.mode ? { ...draft, text: now.text, html: now.html } : draft;
  }

  async function saveOnServer(): Promise<void> {
    const saved = current();
    const draftsBox = store.mailboxOf('drafts');
    const identity = identityOf(context, saved.identityId);
    if (draftsBox === undefined || identity === undefined) throw new Error('nothing is known of the mailbox yet');
    if (isEmpty(saved) && saved.emailId === undefined) return;
    try {
      const copy = draftEmail(saved, senderOf(identity), draftsBox.id);
      const { created, notCreated } = await store.client.call('Email/set', { create: { copy } }).result;
      const id = created?.['copy']?.id;
      if (id === undefined) throw new Error(notCreated?.['copy']?.description ?? 'the draft was not taken');
      const older = [...draft.olderCopies, ...(draft.emailId === undefined ? [] : [draft.emailId])];
      draft = { ...draft, emailId: id, olderCopies: older };
      await drafts.put(current());
      if (older.length > 0) await destroyCopies(older);
      signedOut = false;
    } catch (error) {
      if (isFailure(error, 'signedOut')) signedOut = true;
      throw error;
    }
  }

  async function destroyCopies(ids: readonly string[]): Promise<void> {
    const { notDestroyed } = await store.client.call('Email/set', { destroy: ids }, { repeatable: true }).result;
    const left = ids.filter((id) => notDestroyed?.[id] !== undefined && notDestroyed[id].type !== 'notFound');
    draft = { ...draft, olderCopies: left };
  }

  const autosave: Autosave = createAutosave(
    {
      saveHere: () => (isEmpty(current()) ? Promise.resolve() : drafts.put(current())),
      saveOnServer,
    },
    clock,
    (state) => {
      save = state;
    },
  );

  return {
    get draft() {
      return draft;
    },
    get save() {
      return save;
    },
    get signedOut() {
      return signedOut;
    },
    files,
    current,
    change: set,
    writeAs(identityId) {
      const [before, after] = [draft.identityId, identityId].map((id) => signatureLines(identityOf(context, id)));
      set({ identityId });
      if (before?.length && after) body?.source.replaceLines(before, after);
    },
    touch: () => autosave.changed(),
    useBody(source, mode) {
      const here = { mode, source };
      body = here;
      left = undefined;
      return () => {
        if (body !== here) return;
        left = written();
        body = undefined;
      };
    },
    addFiles(added, shown) {
      const made = added.map((file) => {
        const cid = shown && file.type.startsWith('image/') ? `${crypto.randomUUID()}@${context.domain}` : undefined;
        return { file, cid, entry: files.add(file, cid) };
      });
      set({ files: [...draft.files, ...made.map(({ entry }) => entry)] });
      return made;
    },
    removeFile(key) {
      files.remove(key);
      set({ files: draft.files.filter((file) => file.key !== key) });
    },
    warnings: (known) =>
      sendWarnings(current(), { maxMessageOctets: context.maxMessageOctets, known, domain: context.domain }),
    flush: () => autosave.flush(),
    signedInAgain() {
      signedOut = false;
      autosave.changed();
      autosave.flush().catch(() => undefined); // it goes on trying
    },
    async destroyDraft() {
      autosave.stop();
      await drafts.remove(draft.key);
      const copies = [...draft.olderCopies, ...(draft.emailId === undefined ? [] : [draft.emailId])];
      if (copies.length > 0) await destroyCopies(copies);
    },
    release() {
      autosave.stop();
      files.release();
    },
  };
}
