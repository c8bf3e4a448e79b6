export interface DovecotPorts {
  readonly imap: number;
  readonly imaps: number;
  readonly lmtp: number;
  /** Where Debian's package is installed. */
  readonly pop3?: number;
}

/** The mail user's number: needs no entry in passwd. */
export const mailUid = 21_000;

/**
 * A fair, durable Dovecot 2.3: mdbox, `mail_fsync = optimized` (its default: fsync before a saved message is acknowledged),
 * login processes shared, mail processes reused (3.8 ms of CPU a login otherwise), no plug-ins.
 */
export function dovecotConfig(folder: string, instance: string, ports: DovecotPorts, domain: string): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
instance_name = ${instance}
log_path = ${folder}/dovecot.log
protocols = imap lmtp${ports.pop3 === undefined ? '' : ' pop3'}
listen = 127.0.0.1
default_client_limit = 8000
default_process_limit = 3000
default_vsz_limit = 1024M
mail_location = mdbox:~/mdbox
mail_home = ${folder}/mail/%n
mail_uid = ${mailUid}
mail_gid = ${mailUid}
first_valid_uid = ${mailUid}
mail_fsync = optimized
namespace inbox {
  inbox = yes
}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %n
auth_cache_size = 16M
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=${mailUid} gid=${mailUid} home=${folder}/mail/%n
}
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
ssl_min_protocol = TLSv1.2
service imap-login {
  service_count = 0
  process_min_avail = 2
  client_limit = 8000
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service imap {
  client_limit = 1
  service_count = 256
  process_min_avail = 4
  process_limit = 3000
  idle_kill = 5s
}
${pop3Services(ports.pop3)}service lmtp {
  client_limit = 1
  service_count = 256
  process_min_avail = 4
  process_limit = 200
  inet_listener lmtp {
    port = ${ports.lmtp}
  }
}
service auth {
  client_limit = 16000
}
service anvil {
  client_limit = 16000
}
service stats {
  client_limit = 16000
}
postmaster_address = postmaster@${domain}
hostname = mail.${domain}
protocol imap {
  mail_max_userip_connections = 5000
}
protocol lmtp {
  lmtp_save_to_detail_mailbox = no
}
`;
}

function pop3Services(port: number | undefined): string {
  if (port === undefined) return '';
  return `service pop3-login {
  service_count = 0
  process_min_avail = 2
  client_limit = 8000
  inet_listener pop3 {
    port = ${port}
  }
  inet_listener pop3s {
    port = 0
  }
}
service pop3 {
  client_limit = 1
  service_count = 256
  process_min_avail = 4
  process_limit = 3000
}
`;
}
