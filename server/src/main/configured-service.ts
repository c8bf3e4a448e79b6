import { hostname } from 'node:os';
import type { Door, ServiceInfo } from '@vaguemestre/shared/service-info';
import type { Config } from '../config/config.js';
import { builtListeners, openListeners } from './built-listeners.js';
import { readVersion } from './version.js';

/** What a service with this configuration opens to people, for commands that speak of it while it may not run. */
export function configuredService(config: Config): ServiceInfo {
  const doors = openListeners(config).flatMap((name): Door[] => {
    const [built, address] = [builtListeners[name], config.listen[name]];
    if (built?.forPeople !== true || address?.kind !== 'tcp') return [];
    return [{ name, port: address.port, security: built.security }];
  });
  const { values } = config;
  return {
    product: 'Vaguemestre',
    version: readVersion(),
    domain: values.domain,
    host: values.hostname ?? hostname(),
    selfSigned: values['tls-cert'] === undefined,
    doors,
    inside: [],
  };
}
