/** An address as a number; an IPv4 and an IPv6 address never meet. */
export type Address = { bits: 32 | 128; value: bigint };

/** A range of addresses in CIDR notation. */
export type AddressRange = Address & { prefix: number };

/** The address of a text; undefined where it is none. */
export const parseAddress = (text: string): Address | undefined =>
  text.length > 45 ? undefined : text.includes(':') ? parseV6(text) : parseV4(text);

/**
 * The range of a text such as `203.0.113.0/24`, `2001:db8::/32`, or a single address; undefined where it is none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
 */
export const parseRange = (text: string): AddressRange | undefined => {
  const [address = '', length, ...rest] = text.split('/');
  const parsed = parseAddress(address);
  if (!parsed || rest.length > 0) return undefined;
  if (length === undefined) return { ...parsed, prefix: parsed.bits };
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return prefix <= parsed.bits ? { ...parsed, prefix } : undefined;
};

/** Whether the address lies in the range; bits of the range beyond its prefix do not count. */
export const isInRange = (address: Address, range: AddressRange): boolean => {
  const shift = BigInt(range.bits - range.prefix);
  return address.bits === range.bits && address.value >> shift === range.value >> shift;
};

const parseV4 = (text: string): Address | undefined => {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255))
    return undefined;
  return { bits: 32, value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) };
};

const parseV6 = (text: string): Address | undefined => {
  const [before = '', after, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const head = groupsOf(before);
  const tail = groupsOf(after ?? '');
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | group, 0n) };
};

/** The 16-bit groups of a part of an IPv6 address, whose end may be written as an IPv4 address. */
const groupsOf = (text: string): bigint[] | undefined => {
  if (text === '') return [];
  const groups = text.split(':');
  const last = groups.at(-1) ?? '';
  const v4 = last.includes('.') ? parseV4(last) : undefined;
  const plain = v4 ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const values = plain.map((group) => BigInt(`0x${group}`));
  return v4 ? [...values, v4.value >> 16n, v4.value & 0xffffn] : values;
};

/** An address as a text. */
export const addressText = ({ bits, value }: Address): string => {
  const [size, radix, separator] = bits === 32 ? [8, 10, '.'] : [16, 16, ':'];
  const count = bits / Number(size);
  const mask = (1n << BigInt(size)) - 1n;
  return Array.from({ length: count }, (_, at) =>
    ((value >> BigInt((count - 1 - at) * Number(size))) & mask).toString(Number(radix)),
  ).join(String(separator));
};
