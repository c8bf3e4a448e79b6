/**
 * What happens between a link of a message and going there: it is shown where it leads; what misleads is asked about; a
 * finger, which cannot hover, sees first and goes at the second touch.
 */
import type { Link } from '../../html/links.js';
import { recipientsOf } from '../../reading/mailto.js';
import { screen } from '../../state/screen.svelte.js';
import { writing } from '../../state/writing.svelte.js';

export interface LinkFollowing {
  /** Under the pointer, the focus or the finger. */
  readonly shown: Link | undefined;
  readonly touched: boolean;
  /** Waits for an answer. */
  readonly question: Link | undefined;
  /** true: it was dealt with, the browser shall do nothing. */
  onlink(link: Link): boolean;
  onhover(link: Link | undefined): void;
  follow(link: Link): void;
  stay(): void;
}

export function createLinkFollowing(): LinkFollowing {
  let shown = $state.raw<Link>();
  let touched = $state(false);
  let question = $state.raw<Link>();

  function follow(link: Link): void {
    if (link.kind === 'mail') writing.write(recipientsOf(link.href));
    else window.open(link.href, '_blank', 'noopener,noreferrer');
  }

  return {
    get shown() {
      return shown;
    },
    get touched() {
      return touched;
    },
    get question() {
      return question;
    },
    onlink(link) {
      if (link.warnings.length > 0) {
        question = link;
        return true;
      }
      if (screen.coarse && !(touched && shown?.href === link.href)) {
        shown = link;
        touched = true;
        return true;
      }
      if (link.kind !== 'mail') return false;
      follow(link);
      return true;
    },
    onhover(link) {
      if (screen.coarse) return;
      touched = false;
      shown = link;
    },
    follow,
    stay() {
      question = undefined;
    },
  };
}
