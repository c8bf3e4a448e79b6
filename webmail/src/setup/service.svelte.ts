/** What the service says of itself. Asked for when the page opens, when it is looked at again, and once a minute. */
import type { ServiceInfo } from '@vaguemestre/shared/service-info';

export type Status = 'checking' | 'ok' | 'storeAway' | 'offline';

const everyMs = 60_000;

let info = $state<ServiceInfo>();
let status = $state<Status>('checking');

async function look(): Promise<void> {
  try {
    const [facts, health] = await Promise.all([
      fetch('/api/service', { signal: AbortSignal.timeout(10_000) }),
      fetch('/healthz', { signal: AbortSignal.timeout(10_000) }),
    ]);
    if (facts.ok) info = (await facts.json()) as ServiceInfo;
    status = health.ok ? 'ok' : 'storeAway';
  } catch {
    status = 'offline';
  }
}

export const service = {
  get info(): ServiceInfo | undefined {
    return info;
  },
  get status(): Status {
    return status;
  },
  look,
  /** Returns the way to end it. */
  watch(): () => void {
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') void look();
    };
    void look();
    const timer = setInterval(onVisible, everyMs);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  },
};
