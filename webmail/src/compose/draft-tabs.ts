/**
 * One draft is written in one tab. Who opens a draft asks the other tabs; the tab that has it is told, and gives it up when
 * the reader says "here": it keeps what it has on the server first, then lets go.
 */
const channelName = 'vaguemestre-drafts';

type Said =
  | { readonly kind: 'claim'; readonly by: string; readonly key: string; readonly emailId: string | undefined }
  | { readonly kind: 'held'; readonly to: string }
  | { readonly kind: 'give'; readonly by: string; readonly key: string; readonly emailId: string | undefined }
  | { readonly kind: 'given'; readonly to: string; readonly emailId: string | undefined };

export interface DraftClaim {
  /** Called when another tab says that it has the draft. */
  onheld: () => void;
  /** Called when another tab took the draft over. */
  onlost: () => void;
  /** Takes it over; the id of the newest copy, undefined when nobody answered. */
  takeOver(): Promise<string | undefined>;
  release(): void;
}

const answerWithinMs = 5_000;

/** `giveUp` puts everything on the server and says which copy is the newest. */
export function claimDraft(
  key: string,
  newestCopy: () => string | undefined,
  giveUp: () => Promise<string | undefined>,
): DraftClaim {
  const channel = new BroadcastChannel(channelName);
  const me = crypto.randomUUID();
  let lost = false;
  const isMine = (said: { readonly key: string; readonly emailId: string | undefined }): boolean =>
    said.key === key || (said.emailId !== undefined && said.emailId === newestCopy());
  const say = (said: Said): void => channel.postMessage(said);

  const claim: DraftClaim = {
    onheld: () => {},
    onlost: () => {},
    takeOver: () =>
      new Promise((resolve) => {
        const timer = setTimeout(() => finish(undefined), answerWithinMs);
        const finish = (newest: string | undefined): void => {
          clearTimeout(timer);
          channel.removeEventListener('message', hear);
          resolve(newest);
        };
        const hear = ({ data }: MessageEvent<Said>): void => {
          if (data.kind === 'given' && data.to === me) finish(data.emailId);
        };
        channel.addEventListener('message', hear);
        say({ kind: 'give', by: me, key, emailId: newestCopy() });
      }),
    release: () => channel.close(),
  };
  channel.addEventListener('message', ({ data }: MessageEvent<Said>) => {
    if (data.kind === 'held' && data.to === me) claim.onheld();
    if (lost || (data.kind !== 'claim' && data.kind !== 'give') || data.by === me || !isMine(data)) return;
    if (data.kind === 'claim') return say({ kind: 'held', to: data.by });
    lost = true;
    giveUp()
      .catch(() => undefined)
      .then((newest) => {
        say({ kind: 'given', to: data.by, emailId: newest });
        claim.onlost();
      })
      .catch(() => undefined);
  });
  say({ kind: 'claim', by: me, key, emailId: newestCopy() });
  return claim;
}
