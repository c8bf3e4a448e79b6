/** Core/echo (RFC 8620 4). */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { JmapMethod } from '../method.js';

export const coreEcho: JmapMethod = {
  name: 'Core/echo',
  capability: capability.core,
  accountless: true,
  run: async (args) => ({ response: args }),
};
