/** /changes (RFC 8620 5.2) for any type. */
import type { JmapMethod, JsonObject, MethodContext } from '../method.js';
import { type ArgumentReader, invalidArguments, readArguments } from './arguments.js';

export interface Changes {
  readonly newState: string;
  readonly hasMoreChanges: boolean;
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly destroyed: readonly string[];
  /** What the type adds to the response: `updatedProperties`. */
  readonly more?: JsonObject;
}

export interface ChangesType {
  readonly name: string;
  readonly capability: string;
  /** MethodError cannotCalculateChanges. At most `maxChanges` ids in all three lists together. */
  changes(sinceState: string, maxChanges: number | undefined, context: MethodContext): Changes | Promise<Changes>;
}

export function changesMethod(type: ChangesType): JmapMethod {
  return {
    name: `${type.name}/changes`,
    capability: type.capability,
    async run(rawArguments, context) {
      const args = readArguments(rawArguments);
      const oldState = args.string('sinceState');
      const maxChanges = readMaxChanges(args);
      args.done();
      const { more, ...changes } = await type.changes(oldState, maxChanges, context);
      return { response: { accountId: args.accountId, oldState, ...changes, ...more } };
    },
  };
}

/** RFC 8620 5.2: an integer above 0. */
export function readMaxChanges(args: ArgumentReader): number | undefined {
  const maxChanges = args.unsignedInt('maxChanges');
  if (maxChanges === 0) throw invalidArguments('maxChanges must be above 0', { arguments: ['maxChanges'] });
  return maxChanges;
}
