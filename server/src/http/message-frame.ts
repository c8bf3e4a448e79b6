/**
 * The page in which messages are shown: always the same, empty, and under a policy of its own. No script runs in it, nothing
 * is loaded but images that our own page hands over (`blob:`, `data:`, `/media/` here), and no form can be sent. The
 * webmail moves cleaned nodes into it; its own strict policy could not allow a message its inline styles.
 */
export const messageFrameHtml =
  '<!doctype html><html><head><meta charset="utf-8"><title></title></head><body></body></html>';

export const messageFramePolicy = [
  "default-src 'none'",
  "script-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data: blob: 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
  // Also for whoever opens it without the attribute. Same origin, so that our page may measure it and hear clicks; the
  // dialogue that is allowed is the printer's.
  'sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-modals',
].join('; ');
