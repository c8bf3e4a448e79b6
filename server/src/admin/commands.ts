import type { Command } from './command.js';
import { audit } from './commands/audit.js';
import { backup, restore } from './commands/backup.js';
import { bulletinAdd, bulletinList, bulletinRemove } from './commands/bulletin.js';
import { check } from './commands/check.js';
import { mailExport } from './commands/mail-export.js';
import { mailImport } from './commands/mail-import.js';
import { relayMode } from './commands/relay-mode.js';
import { relayExportRecipients, relaySelfTest, relayTestRoute } from './commands/relay-outlook.js';
import { relayQueue } from './commands/relay-queue.js';
import { relayTrace } from './commands/relay-trace.js';
import { status } from './commands/status.js';
import { userAdd } from './commands/user-add.js';
import { archiveList, userArchive, userRestore } from './commands/user-archive.js';
import { userFactors } from './commands/user-factors.js';
import { userImport } from './commands/user-import.js';
import { userExtend, userLife, userUnlock } from './commands/user-life.js';
import { userList, userShow } from './commands/user-list.js';
import { userDisable, userPasswd, userRemove, userSet } from './commands/user-set.js';
import { userSheet } from './commands/user-sheet.js';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  userAdd,
  userImport,
  userList,
  userShow,
  userSet,
  userPasswd,
  userFactors,
  userDisable,
  userRemove,
  userSheet,
  userLife,
  userExtend,
  userUnlock,
  userArchive,
  userRestore,
  archiveList,
  audit,
  mailImport,
  mailExport,
  bulletinAdd,
  bulletinList,
  bulletinRemove,
  relayQueue,
  relayTrace,
  relayMode,
  relayTestRoute,
  relayExportRecipients,
  relaySelfTest,
  status,
  check,
  backup,
  restore,
];
