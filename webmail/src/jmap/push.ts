/**
 * Push (RFC 8620 section 7): one tab of the browser holds the event stream, the others hear it from that tab. The tab that
 * holds it is whichever has the lock; when it closes, the next one takes over. An event is a hint: who hears it asks the
 * server what changed, so an event lost or heard twice does no harm.
 *
 * On failure the browser connects again by itself; a stream that it gave up is opened again after a while, and coming back
 * to the tab or to the network asks once in any case.
 */
import type { Session, StateChange, TypeState } from '@vaguemestre/shared/jmap/core';

export interface PushOptions {
  readonly session: Session;
  readonly accountId: string;
  /** Something may have changed; the states say what, when they are known. */
  readonly onChange: (states: TypeState | undefined) => void;
  /** Whether the stream stands, as far as this tab knows. */
  readonly onStanding: (standing: boolean) => void;
}

const reopenMs = 15_000;
const pingSeconds = 30;

export function watchChanges(options: PushOptions): () => void {
  const { session, accountId } = options;
  const name = `vaguemestre.changes.${accountId}`;
  const channel = new BroadcastChannel(name);
  const ended = new AbortController();
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (states: TypeState | undefined): void => options.onChange(states);
  channel.onmessage = (event: MessageEvent<{ states?: TypeState; standing?: boolean }>) => {
    if (event.data.states !== undefined) tell(event.data.states);
    if (event.data.standing !== undefined) options.onStanding(event.data.standing);
  };

  function stand(standing: boolean): void {
    options.onStanding(standing);
    channel.postMessage({ standing });
  }

  function open(): void {
    source = new EventSource(streamUrl(session.eventSourceUrl));
    source.addEventListener('open', () => {
      stand(true);
      tell(undefined); // whatever happened while no stream stood
    });
    source.addEventListener('state', (event) => {
      const states = statesOf(event.data, accountId);
      if (states === undefined) return;
      tell(states);
      channel.postMessage({ states });
    });
    source.addEventListener('error', () => {
      stand(false);
      if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      clearTimeout(timer);
      timer = setTimeout(open, reopenMs);
    });
  }

  /** Resolves, and so lets the lock go, when this tab stops listening. */
  function hold(): Promise<void> {
    open();
    return new Promise((resolve) => ended.signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  if ('locks' in navigator) {
    navigator.locks.request(name, { signal: ended.signal }, hold).catch(() => {}); // aborted while it waited for its turn
  } else {
    open(); // plain http from another machine has no locks: each tab listens for itself
  }

  const onWake = (): void => {
    if (document.visibilityState === 'visible') tell(undefined);
  };
  document.addEventListener('visibilitychange', onWake);
  window.addEventListener('online', onWake);

  return () => {
    ended.abort();
    clearTimeout(timer);
    source?.close();
    channel.close();
    document.removeEventListener('visibilitychange', onWake);
    window.removeEventListener('online', onWake);
  };
}

/** RFC 8620 7.3: a template of level 1 with three variables. */
function streamUrl(template: string): string {
  return template.replace('{types}', '*').replace('{closeafter}', 'no').replace('{ping}', String(pingSeconds));
}

export function statesOf(data: string, accountId: string): TypeState | undefined {
  try {
    return (JSON.parse(data) as StateChange).changed[accountId];
  } catch {
    return undefined; // not ours to understand
  }
}
