/**
 * Every limit that stands between untrusted input and this process, with the attack it stops. One file, so that an
 * administrator and a reviewer can read them at once. Each has a test.
 */
export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;

/** An IMAP, SMTP or POP3 command line without its literals: endless lines fill memory before any command is seen. */
export const maxLineBytes = 64 * KiB;
/** The same before authentication: strangers get less (thousands of `(` before login, Dovecot's 2026 faults). */
export const maxLineBytesBeforeLogin = 8 * KiB;
/** A literal that is no message (mailbox name, search string, password): it is held in memory. */
export const maxSmallLiteralBytes = 64 * KiB;
/** The sum of lines and small literals of one command. */
export const maxCommandBytes = 1 * MiB;
/** Nesting of parentheses in an IMAP command and of NOT/OR in SEARCH: recursion would end on the stack. */
export const maxNesting = 100;
/** Elements of one sequence set as written; a set may still name billions of messages. */
export const maxSetElements = 50_000;
/** Header block of one message or part: what lies beyond is body to the scanner. */
export const maxHeaderBytes = 1 * MiB;
/** The header blocks of all parts of one message together: a thousand parts of one megabyte would fill memory. */
export const maxMimeHeaderBytes = 4 * MiB;
/** A multipart boundary (RFC 2046 5.1.1 says 70): it is compared with every line that begins with two hyphens. */
export const maxBoundaryBytes = 500;
/** Parts of one message: 4,000 parts in a 40 KB mail cost other servers seconds. Deeper or more is one opaque leaf. */
export const maxMimeParts = 1_000;
export const maxMimeDepth = 50;
/** Addresses in one header field as ENVELOPE shows it. */
export const maxEnvelopeAddresses = 10_000;
/** Parameters of one Content-Type or Content-Disposition (huge RFC 2231 lists). */
export const maxMimeParameters = 200;
/** Authentication failures before a connection is closed. */
export const maxAuthFailuresPerConnection = 5;
/** Bytes that a client may leave unread before the service stops producing for it. */
export const maxUnreadOutputBytes = 256 * KiB;
/** Time a connection may stay before login. */
export const loginTimeoutMs = 60_000;
/** RFC 9051 5.4: at least 30 minutes. */
export const idleTimeoutMs = 30 * 60_000;
/** Time without one byte of a command or literal that was begun. */
export const stalledInputTimeoutMs = 5 * 60_000;
/** Time a client may refuse to read before it is closed. */
export const stalledOutputTimeoutMs = 5 * 60_000;
/** Octets of a mailbox path, all levels: the root of an account lists every path. */
export const maxMailboxNameBytes = 1_000;
/** Octets of one level of it, as JMAP takes them. */
export const maxMailboxLevelBytes = 255;
/** Octets of one keyword: names of flags go out with every message that carries them. */
export const maxKeywordBytes = 255;
/** Patterns of one LIST: each is matched with every mailbox. */
export const maxListPatterns = 100;
/** Commands in a row answered BAD before a connection is closed: a browser made to speak IMAP (cross-protocol requests). */
export const maxBadCommandsBeforeLogin = 3;
/** The same after login: a client in a loop. */
export const maxBadCommands = 100;
/** IDLE: a word to the client every so often, so that a peer that is gone is noticed and others are not cut off. */
export const idleKeepaliveMs = 10 * 60_000;
/** IDLE: a client that sends nothing for so long is gone for any purpose, whatever its TCP stack says. */
export const idleReadTimeoutMs = 24 * 3_600_000;
/** Messages of one MULTIAPPEND: each holds staged octets until the command ends. */
export const maxAppendMessages = 1_000;
/** Average rate of a literal or message that is being sent, after a first minute: an octet a minute would hold a slot for
 *  years. A 2G telephone does ten times as much. */
export const minInputBytesPerSecond = 100;
/** From the first octet to the end of a TLS handshake. */
export const handshakeTimeoutMs = 30_000;
/** A PROXY header comes from a machine beside us, in its first segment. */
export const proxyHeaderTimeoutMs = 5_000;
/** After our end of a connection was closed: time for the peer to close its own, so that our last words are not lost. */
export const lingerTimeoutMs = 5_000;
/** Accepted connections of one listener in one process: each costs memory before it has said who it is. */
export const maxConnectionsPerListener = 10_000;
/** A command of SMTP or LMTP, and a line of its AUTH exchange (RFC 4954 4: 12,288 octets). */
export const maxSmtpLineBytes = 12 * KiB;
/** Recipients of one message (RFC 5321 4.5.3.1.8: at least 100): each is looked up and kept. */
export const maxRecipients = 1_000;
/** Commands refused for their syntax or order before an SMTP or LMTP connection is closed: a client in a loop, or no client. */
export const maxSmtpErrors = 20;
/** RFC 5321 4.5.3.2.7: time for the next command. */
export const smtpCommandTimeoutMs = 5 * 60_000;
/** RFC 5321 4.5.3.2.5: time for the next piece of a message. */
export const smtpDataTimeoutMs = 3 * 60_000;
/** Octets of a refused message that are read and thrown away, past what a message may have, so that the client hears why. */
export const maxDiscardedBytes = 64 * MiB;
/** Keys of one SEARCH: each may be asked of every message of the mailbox. */
export const maxSearchKeys = 1_000;
/** Messages of one person that the outbox keeps, sent ones for a day: a stolen account must not fill the disk or the world. */
export const maxOutboxMessages = 1_000;
/** Recipients of the messages that one person sends in a day, and of those that wait. */
export const maxOutboxRecipients = 10_000;
/** Their octets together: they count towards nobody's quota. */
export const maxOutboxBytes = 1 * GiB;
/** How long ahead a message may be scheduled (RFC 4865 4.1): its content is kept all the time. */
export const maxDelayedSendSeconds = 180 * 24 * 3600;
/** Body of a JMAP request: it is parsed as a whole. */
export const maxJmapRequestBytes = 10 * MiB;
/** What one JMAP request may answer: a hundred calls that each fetch hundreds of bodies. */
export const maxJmapResponseBytes = 64 * MiB;
/** Method calls of one JMAP request: each may read and write the store. */
export const maxJmapCallsInRequest = 64;
/** JMAP requests and uploads of one person that one process works on at once. */
export const maxJmapConcurrentRequests = 8;
export const maxJmapConcurrentUploads = 4;
/** Objects of one /get and of one /set (RFC 8620 2: at least 500 is suggested). */
export const maxJmapObjectsInGet = 1_000;
export const maxJmapObjectsInSet = 1_000;
/** Conditions of one filter, and how deep they nest: each may be asked of every object. */
export const maxJmapFilterConditions = 1_000;
/** Event streams that one person holds open in one process: each holds a connection and a listener. */
export const maxJmapEventStreams = 16;
/** Addresses one wrote to that are remembered for completion: one document, read at each of its requests. */
export const maxCorrespondents = 500;
/** What is kept of one person's way to use the webmail (looks, labels): one document, read whenever a page starts. */
export const maxSettings = 1_000;
export const maxSettingsBytes = 256 * KiB;
export const maxSettingValueBytes = 8 * KiB;
/** Addresses at which one person's programs are told of changes: each is an open account and requests to a stranger. */
export const maxPushSubscriptions = 20;
/** Identities that one person makes. */
export const maxIdentities = 100;
/** Octets of one signature: it goes out with every answer. */
export const maxSignatureBytes = 128 * KiB;
/** Text of one message that JMAP hands out, all parts together: it is decoded, kept and written as JSON. */
export const maxMailTextBytes = 4 * MiB;
/** Text of all messages of one JMAP call: a hundred of the largest would fill memory. */
export const maxMailTextBytesPerCall = 32 * MiB;
/** Octets that one person may upload in a day for messages yet to be written: they count towards no quota. */
export const maxUploadedBytesPerDay = 2 * GiB;
/** A POP3 command (RFC 2449 4: at least 255 octets): room for the longest password that is taken. */
export const maxPop3LineBytes = 2 * KiB;
/** A line of a POP3 client's AUTH exchange (RFC 5034 4, RFC 4954 4: 12,288 octets). */
export const maxPop3SaslLineBytes = 12 * KiB;
/** RFC 1939 3: at least 10 minutes. A maildrop is locked as long. */
export const pop3IdleTimeoutMs = 10 * 60_000;
/** Messages that may be read before their RETR comes: each POP3 session holds so much of them together. */
export const maxPop3ReadAheadBytes = 256 * KiB;
/** Silence on a POP3 connection after which the network is asked whether the other end is still there: its lock goes with it. */
export const pop3KeepAliveMs = 60_000;
/** A bulletin to those who take mail by POP3: each of them gets a copy. */
export const maxBulletinBytes = 64 * KiB;
/** Bulletins at a time: each may be asked of every POP3 login. */
export const maxBulletins = 100;
