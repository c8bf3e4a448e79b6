/** SMTP replies (RFC 5321 4.2) with enhanced status codes (RFC 2034, RFC 3463). */
export interface SmtpReply {
  /** 200 to 599. */
  readonly code: number;
  /** `2.1.5`; undefined where RFC 2034 4 wants none: greetings and the answer to HELO, and 3yz. */
  readonly enhanced?: string;
  /** One line a text; ASCII, or UTF-8 under SMTPUTF8. */
  readonly text: string | readonly string[];
}

export const reply = (code: number, enhanced: string, text: string): SmtpReply => ({ code, enhanced, text });

/** Each line with the code, `-` on all but the last, CRLF. The enhanced code stands on every line (RFC 2034 4). */
export function formatReply(answer: SmtpReply): string {
  const lines = typeof answer.text === 'string' ? [answer.text] : answer.text;
  const enhanced = answer.enhanced === undefined ? '' : `${answer.enhanced} `;
  let result = '';
  for (let i = 0; i < lines.length; i++) {
    result += `${answer.code}${i === lines.length - 1 ? ' ' : '-'}${enhanced}${oneLine(lines[i]!)}\r\n`;
  }
  return result;
}

/** A text that holds a line end would be a reply of its own. */
function oneLine(text: string): string {
  let clean = text;
  for (let i = 0; i < clean.length; i++) {
    const code = clean.charCodeAt(i);
    if (code === 13 || code === 10 || code === 0) clean = `${clean.slice(0, i)} ${clean.slice(i + 1)}`;
  }
  return clean;
}
