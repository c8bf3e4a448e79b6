/** Arguments of Email/get and Email/parse about bodies (RFC 8621 4.2). */
import type { MethodError } from '../method.js';
import { type ArgumentReader, invalidArguments } from '../standard/arguments.js';
import { defaultBodyProperties, isBodyProperty } from './body-part.js';

export interface BodyOptions {
  readonly properties: readonly string[];
  readonly text: boolean;
  readonly html: boolean;
  readonly all: boolean;
  /** 0: only our own limit. */
  readonly maxBytes: number;
}

/** MethodError invalidArguments. */
export function readBodyOptions(args: ArgumentReader): BodyOptions {
  const properties = args.strings('bodyProperties') ?? defaultBodyProperties;
  const unknown = properties.filter((name) => !isBodyProperty(name));
  if (unknown.length > 0) throw wrong(`EmailBodyPart has no property ${unknown.join(', ').slice(0, 200)}`);
  return {
    properties,
    text: args.boolean('fetchTextBodyValues', false),
    html: args.boolean('fetchHTMLBodyValues', false),
    all: args.boolean('fetchAllBodyValues', false),
    maxBytes: args.unsignedIntOr('maxBodyValueBytes', 0),
  };
}

function wrong(description: string): MethodError {
  return invalidArguments(description, { arguments: ['bodyProperties'] });
}
