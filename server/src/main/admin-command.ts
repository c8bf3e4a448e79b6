/** Runs a command of the administrator's command line, beside a running service or without one, on the same data. */
import { resolve } from 'node:path';
import type { Workplace } from '../admin/command.js';
import { runCommandLine } from '../admin/command-line.js';
import { recordIn } from '../admin/record.js';
import { createTerminal } from '../admin/terminal.js';
import { type Config, maskSecrets } from '../config/config.js';
import { connect } from '../database/connection.js';
import { systemClock } from '../kernel/clock.js';
import { Lifetime } from '../kernel/lifetime.js';
import { createLog } from '../kernel/log.js';
import { configuredService } from './configured-service.js';
import { archiveParts } from './life-chore.js';
import { openMail } from './open-mail.js';
import { openStore } from './open-store.js';
import { loadRelayDesk, loadRelayOutlook } from './relay-part.js';
import { createStoreKeeper } from './store-keeper.js';

/** Resolves with the exit code. */
export async function runAdminCommand(args: readonly string[], config: Config): Promise<number> {
  const interrupted = new AbortController();
  const onSignal = (): void => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await runCommandLine({
      args,
      config,
      terminal: createTerminal(process),
      open: (holder) => openWorkplace(holder, config, interrupted.signal),
      outlook: async () => {
        const open = await loadRelayOutlook();
        return open({ settings: config.values, hostname: configuredService(config).host });
      },
      keeper: createStoreKeeper(config, resolve(config.values.data)),
      signal: interrupted.signal,
    });
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function openWorkplace(holder: string, config: Config, signal: AbortSignal): Promise<Workplace> {
  // What a command has to say it says itself; the log is for faults.
  const log = createLog(config.values['log-level'] === 'info' ? 'error' : config.values['log-level'], holder);
  const folder = resolve(config.values.data);
  const lifetime = new Lifetime(log);
  try {
    const store = await openStore({
      config,
      folder,
      holder,
      onWait: (owner) => process.stderr.write(`vaguemestre: waiting for "${owner.holder}" (process ${owner.pid})\n`),
      log,
      signal,
    });
    lifetime.onClose(() => store.close());
    const mail = await openMail({
      uri: store.uri,
      storeFolder: store.folder,
      settings: config.values,
      name: holder,
      lifetime,
      log,
    });
    const uri = config.values['mongodb-uri'];
    return {
      people: mail.people,
      factors: mail.auth,
      mailstore: mail.mailstore,
      checker: mail.checker,
      outbox: mail.outbox,
      bulletins: mail.bulletins,
      async relay() {
        const open = await loadRelayDesk();
        const connection = await connect({ uri: store.uri, appName: `vaguemestre ${holder}` });
        lifetime.onClose(() => connection.close());
        return open({ connection, mode: config.values['relay-mode'] });
      },
      ended: mail.ended,
      archiveParts: archiveParts(mail, config.values),
      record: recordIn(mail.ended.audit, systemClock),
      service: configuredService(config),
      serviceRuns: !store.owned && uri === undefined,
      where: uri === undefined ? folder : maskSecrets(uri),
      close: () => lifetime.close(),
    };
  } catch (error) {
    await lifetime.close();
    throw error;
  }
}
