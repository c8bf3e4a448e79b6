/** What a person of the laboratory may be, by which doors mail can be reached, and the languages we speak. */
export const roles = ['permanent', 'doctoral', 'intern', 'service'] as const;
export type Role = (typeof roles)[number];

export const protocols = ['imap', 'pop3', 'webmail', 'submission', 'sieve'] as const;
export type Protocol = (typeof protocols)[number];

export const langs = ['fr', 'en'] as const;
export type Lang = (typeof langs)[number];

/**
 * What becomes of mail that a POP3 program deletes: it stays for the webmail (`keep`), goes at once (`remove`), or goes after so
 * many days.
 */
export type TakenMail = 'keep' | 'remove' | number;
export const maxTakenMailDays = 3650;

/** Where a connection comes from: the laboratory's networks, its VPN, anywhere else. */
export const zones = ['laboratory', 'vpn', 'outside'] as const;
export type Zone = (typeof zones)[number];
