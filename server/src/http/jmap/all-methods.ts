/** Every JMAP method of the service, by name. A new one is added here and nowhere else. */
import { type MethodTable, methodTable } from './engine.js';
import { coreEcho } from './methods/core-echo.js';
import { type IdentityParts, identityMethods } from './methods/identity.js';

/** What methods need beside the account of the request. */
export interface MethodParts extends IdentityParts {}

export function allMethods(parts: MethodParts): MethodTable {
  return methodTable([coreEcho, ...identityMethods(parts)]);
}
