/**
 * Whether an address field (From, To, Cc ...) of a header block names one address, whole: `anne@x` is not found in `marianne@x`, nor in a
 * display name. Capitals make no difference. Blocks that do not hold the text at all, which are most, cost no parsing.
 */
import { parseAddresses } from './addresses.js';
import { createFieldMatcher, type FieldMatcher } from './field-search.js';
import { fieldValue, toBinaryString, visitFields } from './header-fields.js';

/** Addresses of one field that are looked at; whoever is named behind so many is one of a crowd. */
const mostAddresses = 10_000;

export function createAddressMatcher(field: string, address: string): FieldMatcher {
  const holds = createFieldMatcher(field, address);
  const wanted = octetsOf(address);
  const name = field.toLowerCase();
  return (octets) => {
    if (!holds(octets)) return false;
    const block = toBinaryString(octets);
    let found = false;
    visitFields(block, (each, _start, valueStart, end) => {
      if (found || each !== name) return;
      found = parseAddresses(fieldValue(block, valueStart, end), mostAddresses).some(
        (item) => item.kind === 'mailbox' && item.domain !== '' && lower(`${item.local}@${item.domain}`) === wanted,
      );
    });
    return found;
  };
}

/** As it stands in a header (RFC 6532): one character an octet. */
const octetsOf = (address: string): string => lower(Buffer.from(address, 'utf8').toString('latin1'));

/** ASCII alone: the other characters are octets of UTF-8 here. */
const lower = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
