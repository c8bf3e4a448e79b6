import { resolve } from 'node:path';
import { command } from '../command.js';
import { exitCodes } from '../exit-codes.js';
import { printJson } from '../listing.js';
import { amount, duration } from '../progress-bar.js';
import type { StoreCopy } from '../store-keeper.js';

export const backup = command({
  name: 'backup',
  takes: ['DIR'],
  summary: 'copy the whole store, consistent, beside a running service or without one',
  details: `The copy is the last commit at the moment it began: every mailbox, every message, every person, the certificate
that was made here and the secret of the relay. It is compact (the store's own file never shrinks) and verified before
it is called a backup. DIR must not exist or be empty. Keep it like the mail itself: it holds all of it.

A MongoDB has tools of its own for this (mongodump --oplog, snapshots); this command is for the embedded store.`,
  options: {},
  examples: ['vaguemestre backup /srv/backup/2026-11-24'],
  async run({ positionals, json, terminal, keeper, signal }) {
    const started = performance.now();
    const copy = await keeper.backup(resolve(positionals[0]!), signal);
    if (json) printJson(terminal, copy);
    else
      terminal.out(`${told(copy)} copied to ${copy.where} and verified in ${duration(performance.now() - started)}\n`);
    return exitCodes.ok;
  },
});

export const restore = command({
  name: 'restore',
  takes: ['DIR'],
  summary: 'put a backup into an empty store, also into a MongoDB',
  details: `DIR is what "vaguemestre backup" wrote. It goes into the data folder of the settings, which must have no store
yet, or, with --mongodb-uri, into that MongoDB, whose database must be empty: so a laboratory moves from the embedded store to a
cluster. Nobody sees anything of it before all is there; if it is interrupted, remove what is there and begin again.
DIR itself is not changed.`,
  options: {},
  examples: [
    'vaguemestre restore /srv/backup/2026-11-24 --data ./data',
    'vaguemestre restore /srv/backup/2026-11-24 --mongodb-uri mongodb://db1,db2,db3/mail',
  ],
  async run({ positionals, json, terminal, keeper, signal }) {
    const started = performance.now();
    const copy = await keeper.restore(resolve(positionals[0]!), signal);
    if (json) printJson(terminal, copy);
    else
      terminal.out(
        `${told(copy)} of ${copy.made} restored to ${copy.where} in ${duration(performance.now() - started)}\n`,
      );
    return exitCodes.ok;
  },
});

const told = ({ documents, bytes }: StoreCopy): string => `${documents} documents, ${amount(bytes)},`;
