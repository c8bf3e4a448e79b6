import type { Scenario } from '../measure.js';
import { append } from './append.js';
import { copyMove } from './copy-move.js';
import { fetchBodies, fetchFlags, fetchHeaders, fetchList } from './fetch.js';
import { idle } from './idle.js';
import { lmtp } from './lmtp.js';
import { login } from './login.js';
import { memory } from './memory.js';
import { mixed } from './mixed.js';
import { pop3 } from './pop3.js';
import { search } from './search.js';
import { select100k } from './select.js';
import { startup } from './startup.js';
import { store } from './store.js';

export const scenarios: Readonly<Record<string, Scenario>> = {
  login,
  append,
  lmtp,
  select100k,
  'fetch-flags': fetchFlags,
  'fetch-list': fetchList,
  'fetch-headers': fetchHeaders,
  'fetch-bodies': fetchBodies,
  store,
  search,
  'copy-move': copyMove,
  idle,
  pop3,
  mixed,
  memory,
  startup,
};
