/** Result references (RFC 8620 3.7): arguments that are taken from what an earlier call of the same request answered. */
import type { Invocation } from '@vaguemestre/shared/jmap/core';
import { type JsonObject, MethodError } from './method.js';
import { isObject } from './values.js';

/** Values that one reference may gather: two levels of `*` over large answers would multiply. */
const maxGathered = 100_000;

/** The arguments with every `#name` resolved. MethodError invalidResultReference, invalidArguments. */
export function resolveReferences(args: JsonObject, responses: readonly Invocation[]): JsonObject {
  const names = Object.keys(args);
  if (!names.some((name) => name.startsWith('#'))) return args;
  return Object.fromEntries(
    names.map((name) => {
      if (!name.startsWith('#')) return [name, args[name]];
      const bare = name.slice(1);
      if (Object.hasOwn(args, bare)) throw new MethodError('invalidArguments', `${bare} is given twice`);
      return [bare, resolve(name, args[name], responses)];
    }),
  );
}

function resolve(name: string, reference: unknown, responses: readonly Invocation[]): unknown {
  if (!isObject(reference)) throw failed(name, 'it is no ResultReference');
  const { resultOf, name: responseName, path } = reference;
  if (typeof resultOf !== 'string' || typeof responseName !== 'string' || typeof path !== 'string') {
    throw failed(name, 'it is no ResultReference');
  }
  const response = responses.find(([, , callId]) => callId === resultOf);
  if (response === undefined) throw failed(name, 'there is no such method call before this one');
  if (response[0] !== responseName) throw failed(name, `that call answered ${response[0]}`);
  const tokens = pointerTokens(path);
  if (tokens === undefined) throw failed(name, 'its path is no JSON pointer');
  return evaluate(name, response[1], tokens);
}

/** RFC 6901 section 4: undefined if it is no pointer. */
export function pointerTokens(path: string): readonly string[] | undefined {
  if (path === '') return [];
  if (!path.startsWith('/')) return undefined;
  return path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function evaluate(name: string, value: unknown, tokens: readonly string[], at = 0): unknown {
  let current = value;
  for (let i = at; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (Array.isArray(current)) {
      if (token === '*') {
        const gathered: unknown[] = [];
        for (const item of current) {
          const found = evaluate(name, item, tokens, i + 1);
          if (Array.isArray(found)) for (const each of found) gathered.push(each);
          else gathered.push(found);
          if (gathered.length > maxGathered) throw failed(name, 'it leads to too many values');
        }
        return gathered;
      }
      const index = /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : -1;
      if (index < 0 || index >= current.length) throw failed(name, 'its path leads nowhere');
      current = current[index];
    } else if (isObject(current) && Object.hasOwn(current, token)) {
      current = current[token];
    } else {
      throw failed(name, 'its path leads nowhere');
    }
  }
  return current;
}

function failed(name: string, why: string): MethodError {
  return new MethodError('invalidResultReference', `${name} cannot be resolved: ${why}`);
}
