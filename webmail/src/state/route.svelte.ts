/**
 * Where the reader is, kept in the address bar so that the back button, a reload and a link work. Only the mail page has
 * places of its own; another page is another document.
 */
import { inbox, type Place, pathOf, placeOf } from '../model/view.js';

let place = $state.raw<Place>(placeOf(location.pathname, location.search));

addEventListener('popstate', () => {
  place = placeOf(location.pathname, location.search);
});

/** The door, which leads back here. */
export const signInHref = (): string => `/?${new URLSearchParams({ to: pathOf(place) })}`;

export const route = {
  get place(): Place {
    return place;
  },
  /** `replace` for moves that the back button should not stop at: from one message to the next. */
  go(next: Partial<Place>, options: { replace?: boolean } = {}): void {
    const to: Place = { ...place, ...next };
    const path = pathOf(to);
    place = to;
    if (path === location.pathname + location.search) return;
    if (options.replace) history.replaceState(history.state, '', path);
    else history.pushState({ inside: true }, '', path);
  },
  /** Another view, from its top and without what narrowed the last one. */
  open(view: Place['view']): void {
    route.go({ view, thread: undefined, show: [], sort: 'newest' });
  },
  /** Closes the message: as the back button does when the list was before it. */
  closeThread(): void {
    if (place.thread === undefined) return;
    if ((history.state as { inside?: boolean } | null)?.inside === true) history.back();
    else route.go({ thread: undefined }, { replace: true });
  },
  home(): void {
    route.open(inbox);
  },
};
