/** Keywords with a meaning of their own here (RFC 5788, design: names that protocols share). */
export const keywords = {
  forwarded: '$Forwarded',
  mdnSent: '$MDNSent',
  junk: '$Junk',
  notJunk: '$NotJunk',
  phishing: '$Phishing',
  important: '$Important',
  /** Was fetched by POP3. */
  pop3: '$POP3',
  /** Was deleted by POP3 while the person's policy keeps it: only POP3 heeds it. */
  pop3Deleted: '$POP3Deleted',
} as const;
