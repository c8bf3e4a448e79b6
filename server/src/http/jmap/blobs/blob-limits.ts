/** What Blob/upload and Blob/get keep to (RFC 9404 3.1). */
import { MiB } from '../../../kernel/limits.js';

/** Octets of one blob made inside of a request: it is held in memory; larger ones go through the upload resource. */
export const maxInlineBlobBytes = 8 * MiB;
/** Data sources of one of them. */
export const maxBlobDataSources = 64;
/** RFC 9404 3.1: names of the HTTP digest algorithm registry in lower case. */
export const supportedDigests = ['sha-256', 'sha-512', 'sha'] as const;
