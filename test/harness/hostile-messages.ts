/** All hostile messages, for whoever shows them. */
import { loadVectors } from '../fixtures/hostile/loads.js';
import { clobberingVectors, mutationVectors } from '../fixtures/hostile/mutations.js';
import { scriptVectors, urlVectors } from '../fixtures/hostile/scripts.js';
import { visualVectors } from '../fixtures/hostile/visual.js';

export const hostileMessages = [
  ...scriptVectors,
  ...urlVectors,
  ...mutationVectors,
  ...clobberingVectors,
  ...loadVectors,
  ...visualVectors,
];
