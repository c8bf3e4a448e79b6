/**
 * What a browser may do with what we send. Each policy (CSP 3) is the least that works:
 *
 * - the webmail: our own scripts and styles, talk to us, nothing inline, no foreign address; text becomes markup or script
 *   only through the named Trusted Types policies (`svelte-trusted-html` is the one that compiled components make);
 * - the sign-in page: a style sheet and a form;
 * - the page for passkeys, which has no password on it: one script of ours besides;
 * - the frame of a message: message-frame.ts;
 * - everything else: data, which is nothing to be shown as a page.
 */
const none = ["default-src 'none'", "base-uri 'none'"];

export const webmailPolicy = [
  ...none,
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "frame-src 'self' blob:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types app svelte-trusted-html',
].join('; ');

export const signInPolicy = [
  ...none,
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const passkeyPolicy = [
  signInPolicy,
  "script-src 'self'",
  "connect-src 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export const dataPolicy = [...none, "frame-ancestors 'none'", 'sandbox'].join('; ');

/** Given to everything; what a route has set itself stands. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': dataPolicy,
  'x-content-type-options': 'nosniff',
  // To other sites nothing; to ourselves the origin, without which old browsers send no usable Origin with a form.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // Old browsers know this one and not frame-ancestors.
  'x-frame-options': 'DENY',
};

/** RFC 6797, for half a year; never with a self-signed certificate, whose exception the header would forbid. */
export const strictTransportSecurity = 'max-age=15768000';
