/** The session resource (RFC 8620 2): what this server can do for this person, within which limits, and where. */
import { createHash } from 'node:crypto';
import { capability, type Session } from '@vaguemestre/shared/jmap/core';
import { emailSortProperties } from '@vaguemestre/shared/jmap/email';
import type { Principal } from '../../auth/authenticator.js';
import {
  maxJmapCallsInRequest,
  maxJmapConcurrentRequests,
  maxJmapConcurrentUploads,
  maxJmapObjectsInGet,
  maxJmapObjectsInSet,
  maxJmapRequestBytes,
  maxMailboxLevelBytes,
} from '../../kernel/limits.js';
import { maxBlobDataSources, maxInlineBlobBytes, supportedDigests } from './blobs/blob-limits.js';
import { lookupTypes } from './methods/blob-lookup.js';
import { collationAlgorithms } from './standard/sort.js';

export interface SessionFacts {
  /** Where the client reached us: scheme, host and port. */
  readonly origin: string;
  /** Octets of an upload, and of a message with its attachments. */
  readonly maxUploadBytes: number;
  /** Seconds; 0: mail cannot be sent later. */
  readonly maxDelayedSendSeconds: number;
}

export const capabilityNames: ReadonlySet<string> = new Set(Object.values(capability));

export const jmapPaths = {
  session: '/jmap/session',
  api: '/jmap/api',
  upload: '/jmap/upload/:accountId/',
  download: '/jmap/download/:accountId/:blobId/:name',
  eventSource: '/jmap/eventsource/',
} as const;

export function sessionObject(principal: Principal, facts: SessionFacts): Session {
  const { origin } = facts;
  const { account } = principal;
  const accountCapabilities = {
    [capability.core]: {},
    [capability.mail]: {
      maxMailboxesPerEmail: null,
      maxMailboxDepth: null,
      maxSizeMailboxName: maxMailboxLevelBytes,
      maxSizeAttachmentsPerEmail: facts.maxUploadBytes,
      emailQuerySortOptions: emailSortProperties,
      mayCreateTopLevelMailbox: true,
    },
    [capability.submission]: {
      maxDelayedSend: facts.maxDelayedSendSeconds,
      // Their parameters may stand in an envelope: RFC 4865 HOLDFOR and HOLDUNTIL, RFC 3461, RFC 1870, RFC 6152, RFC 6531.
      submissionExtensions: {
        ...(facts.maxDelayedSendSeconds > 0 ? { FUTURERELEASE: [String(facts.maxDelayedSendSeconds)] } : {}),
        DSN: [],
        SIZE: [String(facts.maxUploadBytes)],
        '8BITMIME': [],
        SMTPUTF8: [],
      },
    },
    [capability.quota]: {},
    [capability.blob]: {
      maxSizeBlobSet: maxInlineBlobBytes,
      maxDataSources: maxBlobDataSources,
      supportedTypeNames: lookupTypes,
      supportedDigestAlgorithms: supportedDigests,
    },
  };
  const session: Omit<Session, 'state'> = {
    capabilities: {
      [capability.core]: {
        maxSizeUpload: facts.maxUploadBytes,
        maxConcurrentUpload: maxJmapConcurrentUploads,
        maxSizeRequest: maxJmapRequestBytes,
        maxConcurrentRequests: maxJmapConcurrentRequests,
        maxCallsInRequest: maxJmapCallsInRequest,
        maxObjectsInGet: maxJmapObjectsInGet,
        maxObjectsInSet: maxJmapObjectsInSet,
        collationAlgorithms,
      },
      [capability.mail]: {},
      [capability.submission]: {},
      [capability.quota]: {},
      [capability.blob]: {},
    },
    accounts: {
      [account]: { name: principal.address, isPersonal: true, isReadOnly: false, accountCapabilities },
    },
    // RFC 8620 2: the core capability has no data, so no account of its own.
    primaryAccounts: Object.fromEntries(
      [...capabilityNames].filter((name) => name !== capability.core).map((name) => [name, account]),
    ),
    username: principal.address,
    apiUrl: `${origin}${jmapPaths.api}`,
    downloadUrl: `${origin}/jmap/download/{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${origin}/jmap/upload/{accountId}/`,
    eventSourceUrl: `${origin}${jmapPaths.eventSource}?types={types}&closeafter={closeafter}&ping={ping}`,
  };
  return { ...session, state: sessionState(session) };
}

/** RFC 8620 2: another one as soon as anything in it is. Not where the client came from: it may come by two names. */
function sessionState(session: Omit<Session, 'state'>): string {
  const { apiUrl: _a, downloadUrl: _d, uploadUrl: _u, eventSourceUrl: _e, ...facts } = session;
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 16);
}
