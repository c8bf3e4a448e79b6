/**
 * Section specifications of FETCH BODY[...] and BINARY[...] (RFC 9051 6.4.5, `section`). `part` is the path of part
 * numbers, empty for the message itself.
 */
export type Section =
  /** BODY[] or BODY[1.2]: the whole message, or the body of a part. */
  | { readonly part: readonly number[]; readonly text: 'all' }
  | { readonly part: readonly number[]; readonly text: 'header' | 'text' }
  /** Only with a part: its MIME header. */
  | { readonly part: readonly number[]; readonly text: 'mime' }
  | {
      readonly part: readonly number[];
      readonly text: 'headerFields' | 'headerFieldsNot';
      /** As written by the client, at least one; compare without case. */
      readonly fields: readonly string[];
    };

/** `<offset.count>`; the answer names the offset only. */
export interface Partial {
  readonly offset: number;
  readonly count: number;
}
