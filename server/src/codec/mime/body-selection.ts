/**
 * Which parts of a message are its text, its HTML and its attachments (RFC 8621 4.1.4, the algorithm of that section). Recursion goes
 * as deep as the tree, at most `maxMimeDepth`.
 */
export interface SelectablePart<P> {
  /** `text/plain`, in lower case. */
  readonly type: string;
  readonly disposition: string | undefined;
  readonly named: boolean;
  readonly cid: boolean;
  /** Of multipart only. */
  readonly parts: readonly P[] | undefined;
}

export interface SelectedBodies<P> {
  readonly text: readonly P[];
  readonly html: readonly P[];
  readonly attachments: readonly P[];
}

export function selectBodies<P extends SelectablePart<P>>(root: P): SelectedBodies<P> {
  const text: P[] = [];
  const html: P[] = [];
  const attachments: P[] = [];
  walk([root], 'mixed', false, text, html, attachments);
  return { text, html, attachments };
}

/** RFC 8621 4.1.4: something to download, not counting pictures that the HTML shows. */
export function hasAttachment<P extends SelectablePart<P>>({ attachments }: SelectedBodies<P>): boolean {
  return attachments.some(({ type, disposition, cid }) => {
    if (disposition === 'attachment') return true;
    return disposition !== 'inline' && !(cid && type.startsWith('image/'));
  });
}

function walk<P extends SelectablePart<P>>(
  parts: readonly P[],
  multipart: string,
  inAlternative: boolean,
  textBody: P[] | undefined,
  htmlBody: P[] | undefined,
  attachments: P[],
): void {
  let text = textBody;
  let html = htmlBody;
  const textLength = text?.length ?? -1;
  const htmlLength = html?.length ?? -1;
  for (const [i, part] of parts.entries()) {
    if (part.parts !== undefined) {
      const subtype = part.type.slice('multipart/'.length);
      walk(part.parts, subtype, inAlternative || subtype === 'alternative', text, html, attachments);
      continue;
    }
    if (!isInline(part, i, multipart)) {
      attachments.push(part);
      continue;
    }
    if (multipart === 'alternative') {
      if (part.type === 'text/plain') text?.push(part);
      else if (part.type === 'text/html') html?.push(part);
      else attachments.push(part);
      continue;
    }
    if (inAlternative) {
      if (part.type === 'text/plain') html = undefined;
      if (part.type === 'text/html') text = undefined;
    }
    text?.push(part);
    html?.push(part);
    if ((text === undefined || html === undefined) && isMedia(part.type)) attachments.push(part);
  }
  if (multipart !== 'alternative' || text === undefined || html === undefined) return;
  // Only one of the two was found: it stands for the other.
  if (textLength === text.length && htmlLength !== html.length) text.push(...html.slice(htmlLength));
  else if (htmlLength === html.length && textLength !== text.length) html.push(...text.slice(textLength));
}

/** Shown in the text rather than offered beside it. */
function isInline<P extends SelectablePart<P>>(part: P, index: number, multipart: string): boolean {
  const { type, disposition, named } = part;
  if (disposition === 'attachment') return false;
  if (type !== 'text/plain' && type !== 'text/html' && !isMedia(type)) return false;
  // Only the first part of multipart/related is text; a text with a name that is not the first is an attachment.
  return index === 0 || (multipart !== 'related' && (isMedia(type) || !named));
}

function isMedia(type: string): boolean {
  return type.startsWith('image/') || type.startsWith('audio/') || type.startsWith('video/');
}
