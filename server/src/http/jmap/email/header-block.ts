import type { EmailHeader } from '@vaguemestre/shared/jmap/email';
import { type BinaryString, visitFields } from '../../../codec/mime/header-fields.js';
import { rawForm } from '../../../codec/mime/header-forms.js';

/** The fields of one header block. */
export interface HeaderFields {
  /** Raw values (RFC 8621 4.1.2.1, octets) of the fields of a name in lower case, in order. */
  values(name: string): readonly BinaryString[];
  /** All of them, as the property `headers` has them. */
  list(): readonly EmailHeader[];
}

export function headerFields(block: BinaryString): HeaderFields {
  const byName = new Map<string, BinaryString[]>();
  visitFields(block, (name, _start, valueStart, end) => {
    const value = block.slice(valueStart, withoutLineEnd(block, valueStart, end));
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [value]);
    else known.push(value);
  });
  return {
    values: (name) => byName.get(name) ?? [],
    list() {
      const fields: EmailHeader[] = [];
      visitFields(block, (name, start, valueStart, end) => {
        fields.push({
          name: block.slice(start, start + name.length),
          value: rawForm(block.slice(valueStart, withoutLineEnd(block, valueStart, end))),
        });
      });
      return fields;
    },
  };
}

/** Raw value of the last field of a name (lower case): of a hundred thousand messages only this is wanted of each. */
export function lastValue(block: BinaryString, wanted: string): BinaryString | undefined {
  let value: BinaryString | undefined;
  visitFields(block, (name, _start, valueStart, end) => {
    if (name === wanted) value = block.slice(valueStart, withoutLineEnd(block, valueStart, end));
  });
  return value;
}

function withoutLineEnd(block: BinaryString, start: number, end: number): number {
  let to = end;
  if (to > start && block.charCodeAt(to - 1) === 10) to -= 1;
  if (to > start && block.charCodeAt(to - 1) === 13) to -= 1;
  return to;
}
