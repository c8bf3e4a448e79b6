/** Every JMAP method of the service, by name. A new one is added here and nowhere else. */
import { type MethodTable, methodTable } from './engine.js';
import { coreEcho } from './methods/core-echo.js';

export function allMethods(): MethodTable {
  return methodTable([coreEcho]);
}
