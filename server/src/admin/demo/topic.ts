/**
 * What people of a laboratory write about. A message is put together from a topic's sentences, in their order; the words in
 * braces are chosen once for a conversation, so that a subject and its answers speak of the same thing.
 */
export interface Topic {
  readonly subjects: readonly string[];
  readonly openings: readonly string[];
  readonly points: readonly string[];
  readonly answers: readonly string[];
  /** Where somebody with this folder files it. */
  readonly folder?: readonly string[];
  /** Goes to everybody through this list. */
  readonly list?: string;
  /** What is attached now and then. */
  readonly attaches?: 'pdf' | 'png' | 'ics' | 'csv';
}

export interface Language {
  readonly topics: readonly Topic[];
  readonly words: Readonly<Record<string, readonly string[]>>;
  readonly greetings: readonly string[];
  readonly closings: readonly string[];
  /** First line above a quoted message: `{date}`, `{time}` and `{name}`. */
  readonly quoted: string;
  /** For dates inside the text. */
  readonly locale: string;
  readonly rubbish: readonly {
    readonly name: string;
    readonly address: string;
    readonly subject: string;
    readonly text: string;
  }[];
}
