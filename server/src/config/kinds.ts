/**
 * The kinds of value that a setting can have: how each is read from text (environment, flag) or from a TOML value, and how
 * it is shown again. A reader returns the value or throws a `BadValue` whose text completes "KEY (from SOURCE) ...".
 */
import { isIP } from 'node:net';

export class BadValue extends Error {
  override readonly name = 'BadValue';
}

export interface Kind<T> {
  /** What is expected, for `config --help` and messages. */
  readonly expects: string;
  read(raw: unknown): T;
  show(value: T): string;
}

function textOf(raw: unknown, expects: string): string {
  if (typeof raw === 'string') return raw.trim();
  if (typeof raw === 'number' || typeof raw === 'bigint' || typeof raw === 'boolean') return String(raw);
  throw new BadValue(`must be ${expects}`);
}

/** A list is a TOML array or text with commas. */
function itemsOf(raw: unknown, expects: string): string[] {
  const items = Array.isArray(raw) ? raw.map((item) => textOf(item, expects)) : textOf(raw, expects).split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

export function text(expects: string, check?: (value: string) => boolean): Kind<string> {
  return {
    expects,
    read(raw) {
      const value = textOf(raw, expects);
      if (value === '' || value.includes('\0') || (check && !check(value))) throw new BadValue(`must be ${expects}`);
      return value;
    },
    show: (value) => value,
  };
}

/** A setting that may be absent: `off` or an empty value says so. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    expects: kind.expects,
    read: (raw) =>
      raw === false || (typeof raw === 'string' && ['', 'off'].includes(raw.trim())) ? undefined : kind.read(raw),
    show: (value) => (value === undefined ? 'off' : kind.show(value)),
  };
}

export function integer(from: number, to: number): Kind<number> {
  const expects = `a whole number from ${from} to ${to}`;
  return {
    expects,
    read(raw) {
      const value = textOf(raw, expects);
      const number = Number(value);
      if (!/^\d+$/.test(value) || number < from || number > to) throw new BadValue(`must be ${expects}`);
      return number;
    },
    show: String,
  };
}

export function choice<const T extends string>(...choices: readonly T[]): Kind<T> {
  const expects = `one of ${choices.join(', ')}`;
  return {
    expects,
    read(raw) {
      // TOML and people write `false` for off.
      const value = raw === false ? 'off' : textOf(raw, expects);
      const found = choices.find((one) => one === value);
      if (found === undefined) throw new BadValue(`must be ${expects}`);
      return found;
    },
    show: (value) => value,
  };
}

export function choices<const T extends string>(...known: readonly T[]): Kind<readonly T[]> {
  const expects = `some of ${known.join(', ')}, separated by commas`;
  const one = choice(...known);
  return {
    expects,
    read(raw) {
      const items = itemsOf(raw, expects);
      if (items.length === 0) throw new BadValue(`must be ${expects}`);
      return Object.freeze([...new Set(items.map((item) => one.read(item)))]);
    },
    show: (value) => value.join(','),
  };
}

/** Some values of one kind; none is allowed. */
export function list<T>(one: Kind<T>): Kind<readonly T[]> {
  const expects = `${one.expects}, or several of them separated by commas`;
  return {
    expects,
    read: (raw) => Object.freeze(itemsOf(raw, expects).map((item) => one.read(item))),
    show: (values) => values.map((value) => one.show(value)).join(','),
  };
}

const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
  t: 1024 ** 4,
  tib: 1024 ** 4,
  tb: 1000 ** 4,
};

/** Octets: `67108864`, `64 MiB`, `64M` (binary), `64 MB` (decimal), `1.5G`. */
export function size(from: number, to: number): Kind<number> {
  const expects = `a size from ${showSize(from)} to ${showSize(to)}, such as 64 MiB`;
  return {
    expects,
    read(raw) {
      const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(textOf(raw, expects));
      const unit = match?.[2] === undefined ? undefined : sizeUnits[match[2].toLowerCase()];
      const value = match && unit !== undefined ? Math.round(Number(match[1]) * unit) : Number.NaN;
      if (!(value >= from && value <= to)) throw new BadValue(`must be ${expects}`);
      return value;
    },
    show: showSize,
  };
}

export function showSize(octets: number): string {
  for (const [name, factor] of [
    ['TiB', 1024 ** 4],
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const) {
    if (octets >= factor && octets % factor === 0) return `${octets / factor} ${name}`;
  }
  return String(octets);
}

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds: `500 ms`, `10 s`, `5 min`, `1h`, `7d`. A unit is required: nobody guesses it right. */
export function duration(fromMs: number, toMs: number): Kind<number> {
  const expects = `a time from ${showDuration(fromMs)} to ${showDuration(toMs)}, such as 10 s or 5 min`;
  return {
    expects,
    read(raw) {
      const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(textOf(raw, expects));
      const unit = match?.[2] === undefined ? undefined : durationUnits[match[2].toLowerCase()];
      const value = match && unit !== undefined ? Math.round(Number(match[1]) * unit) : Number.NaN;
      if (!(value >= fromMs && value <= toMs)) throw new BadValue(`must be ${expects}`);
      return value;
    },
    show: showDuration,
  };
}

export function showDuration(ms: number): string {
  for (const [name, factor] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= factor && ms % factor === 0) return `${ms / factor} ${name}`;
  }
  return `${ms} ms`;
}

function isNetwork(text: string): boolean {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const version = isIP(address);
  if (version === 0) return false;
  if (slash < 0) return true;
  const bits = text.slice(slash + 1);
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

/** Networks in CIDR form; an address alone is a network of one. */
export function networks(): Kind<readonly string[]> {
  const expects = 'networks such as 192.0.2.0/24,2001:db8::/32';
  return {
    expects,
    read(raw) {
      const items = itemsOf(raw, expects);
      const bad = items.find((item) => !isNetwork(item));
      if (bad !== undefined) throw new BadValue(`must be ${expects}: "${bad}" is not a network`);
      return Object.freeze(items);
    },
    show: (value) => value.join(','),
  };
}
