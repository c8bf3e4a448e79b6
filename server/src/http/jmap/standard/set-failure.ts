/** Why one object of a /set was not created, updated or destroyed (RFC 8620 5.3): the method goes on with the next. */
import type { SetError } from '@vaguemestre/shared/jmap/errors';

export class SetFailure extends Error {
  readonly error: SetError;

  constructor(error: SetError) {
    super(error.description ?? error.type);
    this.error = error;
  }
}

export function invalidProperties(properties: readonly string[], description: string): SetFailure {
  return new SetFailure({ type: 'invalidProperties', description, properties });
}

export function notFound(): SetFailure {
  return new SetFailure({ type: 'notFound' });
}
