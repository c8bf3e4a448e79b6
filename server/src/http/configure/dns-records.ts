/**
 * The records to publish so that mail programs find the service by the domain alone: RFC 6186 and 8314 section 5.1 (SRV), the
 * names of autoconfig and autodiscover. A service that is not open says so with the target `.` (RFC 2782).
 */
import type { ServiceInfo } from '@vaguemestre/shared/service-info';

const services = ['imaps', 'imap', 'pop3s', 'pop3', 'submissions', 'submission'] as const;

/** Lines of a zone file, relative to nothing: every name ends with a dot. */
export function dnsRecords({ domain, host, doors }: ServiceInfo): string[] {
  const target = `${host}.`;
  const lines = services.map((service) => {
    const door = doors.find(({ name }) => name === service);
    const name = `_${service}._tcp.${domain}.`;
    // What is encrypted from the first octet is to be preferred.
    return door === undefined
      ? `${name} IN SRV 0 0 0 .`
      : `${name} IN SRV ${door.security === 'tls' ? 0 : 10} 1 ${door.port} ${target}`;
  });
  const web = doors.find(({ name }) => name === 'https');
  if (web === undefined) return lines;
  return [
    ...lines,
    `_jmap._tcp.${domain}. IN SRV 0 1 ${web.port} ${target}`,
    `_autodiscover._tcp.${domain}. IN SRV 0 1 ${web.port} ${target}`,
    `autoconfig.${domain}. IN CNAME ${target}`,
  ];
}
