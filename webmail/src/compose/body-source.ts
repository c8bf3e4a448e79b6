/** Where the text of a draft stands while it is written: a text area, an editor, or the lines before the editor has come. */
export interface BodySource {
  html(): string;
  text(): string;
  /** Lines that stand together become others: a signature. Nothing happens where they do not stand. */
  replaceLines(old: readonly string[], by: readonly string[]): void;
}
