/**
 * What a browser may do with our pages: run our own scripts and styles, talk to us, and nothing else. No inline script or
 * style, no frame, no plug-in, no foreign address.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // Old browsers know this one and not frame-ancestors.
  'x-frame-options': 'DENY',
};

/** RFC 6797, for half a year; never with a self-signed certificate, whose exception the header would forbid. */
export const strictTransportSecurity = 'max-age=15768000';
