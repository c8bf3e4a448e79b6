/** Where ours differs from what WildDuck's tests expect, and why. What is on a list must differ, or has to leave it. */

/** Commands that one side reads and the other refuses. */
export const inputDeviations: Readonly<
  Record<string, { readonly theirs: 'accepts' | 'rejects'; readonly why: string }>
> = {
  'TAG1 CMD (1234)(TERE)': { theirs: 'accepts', why: 'RFC 9051 9 has a space between arguments' },
  'TAG1 CMD ( 1234)': { theirs: 'accepts', why: 'no blank after an opening parenthesis in any command' },
  'TAG1 CMD (1234 )': { theirs: 'accepts', why: 'a fault of some servers; no client is known to write it' },
  'TAG1 CMD (( (TERE)) VANA)': { theirs: 'accepts', why: 'as above' },
  'TAG1 CMD (((TERE) ) VANA)': { theirs: 'accepts', why: 'as above' },
  'TAG1 CMD BODY[(KERE)]': { theirs: 'accepts', why: 'no section of RFC 9051 9' },
  'TAG1 CMD BODY[HEADER.FIELDS (Subject From) ]': { theirs: 'accepts', why: 'a blank that no client writes' },
  'TAG1 CMD BODY[]<0>': { theirs: 'accepts', why: 'the form of an answer; a command says how many octets' },
  'TAG1 CMD *,5 TEST': { theirs: 'rejects', why: 'RFC 9051 9: seq-number may be *, alone and in any place' },
  'TAG1 CMD 5,* TEST': { theirs: 'rejects', why: 'as above' },
};

/** Whole tests, by name. */
export type Deviations = Readonly<Record<string, string>>;

const recent = 'RFC 9051 has no \\Recent: nothing carries it';
const isoDate = '1999-01-01 is no date of RFC 5322 3.3: such a message has no day it was sent on';

export const searchDeviations: Deviations = {
  '#parseQueryTerms > should handle NEW': recent,
  '#parseQueryTerms > should handle OLD': recent,
  '#parseQueryTerms > should handle RECENT': recent,
  'Search term match tests > DATE > should match <': isoDate,
  'Search term match tests > DATE > should match =': isoDate,
  'Search term match tests > DATE > should match >=': isoDate,
};

/** Both are right and only the words differ: what ours says is put in WildDuck's before its tests look at it. */
export interface Spelling {
  /** Commands it is about. */
  readonly when: RegExp;
  readonly ours: RegExp;
  readonly theirs: string;
  readonly why: string;
}

export const spellings: readonly Spelling[] = [
  {
    when: / LIST "" ""$/,
    ours: /^(\* LIST \(\\Noselect\) "\/") ""/gm,
    theirs: '$1 "/"',
    why: 'RFC 9051 6.3.9: the root of the reference, which is empty',
  },
  {
    when: / LIST "" "[*%]"$/,
    ours: /\(\\HasChildren\) "\/" "(parent|\[Gmail\])"/g,
    theirs: '(\\Noselect \\HasChildren) "/" "$1"',
    why: 'a missing parent is made a mailbox of its own, as RFC 9051 6.3.4 recommends',
  },
  {
    when: / LSUB /,
    ours: /^\* LSUB \(\)/gm,
    theirs: '* LSUB (\\HasNoChildren)',
    why: 'RFC 3501 6.3.9 asks for no attributes',
  },
  {
    when: / STATUS /,
    ours: /^\* STATUS "INBOX"/gm,
    theirs: '* STATUS INBOX',
    why: 'RFC 9051 9, mailbox: an astring may be quoted',
  },
  {
    when: / UID FETCH 103 \(FLAGS\)/,
    ours: /\(UID 103 FLAGS \(([^)]*)\)/g,
    theirs: '(FLAGS ($1) UID 103',
    why: 'the order of items means nothing',
  },
  {
    when: /^T3 STORE .*UNCHANGEDSINCE/,
    ours: /FETCH \(UID \d+ (FLAGS \(\S* \S*\) MODSEQ \(\d+\))\)/g,
    theirs: 'FETCH ($1)',
    why: 'with CONDSTORE on, the UID is said too',
  },
  {
    when: / FETCH \S+ \(?(UID )?BODY(STRUCTURE)?/,
    ours: /"PLAIN" \("CHARSET" "us-ascii"\)/g,
    theirs: '"PLAIN" NIL',
    why: 'RFC 9051 7.5.2: the default of RFC 2045 5.2 is said',
  },
  {
    when: / FETCH 1:\* ENVELOPE/,
    ours: /\(NIL NIL \(\(NIL NIL "andris"/g,
    theirs: '(NIL "" ((NIL NIL "andris"',
    why: 'RFC 9051 7.5.2: a field that is absent is NIL, one that is empty ""',
  },
];

const name = (rest: string): string => `IMAP Protocol integration tests > ${rest}`;
const quotes =
  "RFC 2046 5.1.1: an apostrophe is a letter of a boundary; boundary='x' is not closed by --x, so the body is one part";
const length = 'a path has 1,000 octets here, a level of it no limit of its own';
const changedOnly = 'RFC 9051 6.4.6: STORE answers with the flags of every message, not of those that changed';

export const protocolDeviations: Deviations = {
  [name('AUTHENTICATE PLAIN > should authenticate with client token')]: "WildDuck's own mechanism",
  [name('LIST > should list all mailboxes using XLIST')]: 'not offered: SPECIAL-USE stands in plain LIST',
  [name('LSUB > should list first level mailboxes')]: 'RFC 3501 6.3.9: with % the parent of a subscribed name is shown',
  [name('CREATE > cannot create a mailbox with subpath length bigger than 512 chars')]: length,
  [name('RENAME > cannot rename a mailbox to a mailbox path where subpath length is bigger than max allowed')]: length,
  [name('DELETE > should disconnect deleted mailbox clients')]: 'the session goes on, without a mailbox',
  [name('STORE > should remove flags')]: changedOnly,
  [name('UID STORE > should remove flags')]: changedOnly,
  [name('UID EXPUNGE > should expunge specific messages')]:
    'RFC 9051 7.5.1 allows any order; ours goes from the last to the first',
  [name('FETCH command > BODY[] marks message as seen > should list raw message')]: quotes,
  [name('FETCH command > BODYSTRUCTURE > should list bodystructure object')]: quotes,
  [name('FETCH command > BODY > should return partial BODY[1]')]: quotes,
  [name('FETCH command > BODY > should return BODY[x.HEADER]')]: quotes,
  [name('FETCH command > BODY > should return BODY[1.MIME]')]: quotes,
  [name('FETCH command > RFC822 > should return RFC822')]:
    'the new \\Seen is told in a FETCH of its own, once it is kept',
};
