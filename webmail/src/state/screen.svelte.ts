/** How much room there is, in the four steps of the layout. */
import { MediaQuery } from 'svelte/reactivity';

const tablet = new MediaQuery('min-width: 768px');
const desktop = new MediaQuery('min-width: 1280px');
const wide = new MediaQuery('min-width: 1680px');
const coarse = new MediaQuery('pointer: coarse');

export const screen = {
  /** One pane at a time. */
  get phone(): boolean {
    return !tablet.current;
  },
  /** The side bar is icons only. */
  get narrow(): boolean {
    return tablet.current && !desktop.current;
  },
  get wide(): boolean {
    return wide.current;
  },
  /** Fingers, not a mouse. */
  get coarse(): boolean {
    return coarse.current;
  },
};
