/** Who reads here, as the service says it: asked once, beside the mail itself. */
import { ask } from '../jmap/transport.js';

export interface Reader {
  readonly account: string;
  readonly address: string;
  readonly name: string;
  readonly lang: 'fr' | 'en';
  readonly admin: boolean;
  /** The reader said at sign-in that this computer is his own. */
  readonly own: boolean;
  /** Whose Authentication-Results fields are believed: the relay's, if there is one. */
  readonly authservId?: string;
}

let known = $state.raw<Reader>();

export const reader = {
  /** undefined until it is known. */
  get person(): Reader | undefined {
    return known;
  },
  /** The laboratory's mail domain. */
  get domain(): string {
    return known?.address.split('@')[1] ?? '';
  },
  /** From what was kept: the service's own word, when it comes, counts. */
  remember(person: Reader): void {
    known ??= person;
  },
  async ask(): Promise<Reader> {
    const response = await ask('/api/auth/session');
    known = (await response.json()) as Reader;
    return known;
  },
};
