/** What an open message is to those that draw it; message-view.svelte.ts makes it. */
import type { EmailBodyPart } from '@vaguemestre/shared/jmap/email';
import type { CleanMessage } from '../html/clean-html.js';
import type { TextBlock } from '../html/plain-text.js';
import type { Acquaintance } from './acquaintance.js';
import type { OpenMessage } from './open-message.js';

export type ShownBody =
  | { readonly kind: 'html'; readonly clean: CleanMessage; readonly cut: boolean }
  | { readonly kind: 'text'; readonly blocks: readonly TextBlock[]; readonly cut: boolean }
  | { readonly kind: 'image'; readonly part: EmailBodyPart };

export type ImageState = 'none' | 'held' | 'loading' | 'shown' | 'failed';

export interface MessageView {
  readonly status: 'waiting' | 'loading' | 'ready' | 'gone' | 'failed';
  readonly message: OpenMessage | undefined;
  /** What is known of its author; undefined until it is, or when nobody asks. */
  readonly author: Acquaintance | undefined;
  readonly bodies: readonly ShownBody[];
  /** Hosts of the images that were only there to be fetched, one for each. */
  readonly trackers: readonly string[];
  readonly remoteCount: number;
  readonly images: ImageState;
  /** What may be shown by now. */
  readonly addresses: ReadonlyMap<HTMLImageElement, string>;
  /** Content-IDs that the text shows. */
  readonly shownIds: ReadonlySet<string>;
  /** Shown as text although there is HTML. */
  readonly plain: boolean;
  open(): Promise<void>;
  setPlain(plain: boolean): Promise<void>;
  showImages(): Promise<void>;
  /** For everything from this sender, from now on. */
  alwaysShowImages(): Promise<void>;
  /** A part that is an image, from memory. */
  imageAddress(part: EmailBodyPart): Promise<string | undefined>;
  close(): void;
}
