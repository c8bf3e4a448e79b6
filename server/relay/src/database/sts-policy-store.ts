import type { Connection } from '@vaguemestre/server/database/connection';
import { reading } from '@vaguemestre/server/database/failure';
import type { PolicyStore } from '../sts/sts-policies.js';
import type { StsPolicy } from '../sts/sts-policy.js';

interface PolicyDocument {
  /** The domain. */
  readonly _id: string;
  readonly id: string;
  readonly policy: StsPolicy;
  readonly until: Date;
}

/** TLS policies of other domains: what was promised once holds for as long as it was, whoever restarts. */
export function stsPolicyStore({ db }: Connection): PolicyStore {
  const policies = db.collection<PolicyDocument>('relay_sts_policies');
  return {
    async get(domain) {
      const found = await reading(() => policies.findOne({ _id: domain }));
      return found === null ? undefined : { id: found.id, policy: found.policy, until: found.until };
    },
    async put(domain, stored) {
      await reading(() => policies.replaceOne({ _id: domain }, stored, { upsert: true }));
    },
  };
}
