/** An address as a number. An IPv4 address never matches an IPv6 range, not even as `::ffff:1.2.3.4`. */
export type Address = { bits: 32 | 128; value: bigint };

/** A range of addresses in CIDR notation. */
export type AddressRange = Address & { prefix: number };

/** The longest form of an IPv6 address: its last part is written as an IPv4 address. */
const MAX_LENGTH = 45;

/** Leading zeros are refused, because some programs read such numbers as octal. */
const NUMBER = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;

/** The address in a text; undefined if the text is not an address. */
export const parseAddress = (text: string): Address | undefined => {
  if (text.length > MAX_LENGTH) return undefined;
  return text.includes(':') ? parseV6(text) : parseV4(text);
};

/**
 * The range in a text such as `203.0.113.0/24`, `2001:db8::/32` or a single address; undefined for other texts. AWS's
 * page says that an address without a prefix means `/32`; for IPv6 this can only mean `/128`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
 */
export const parseRange = (text: string): AddressRange | undefined => {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return undefined;
  const length = slash < 0 ? String(address.bits) : text.slice(slash + 1);
  if (!NUMBER.test(length) || Number(length) > address.bits) return undefined;
  return { ...address, prefix: Number(length) };
};

/** Whether the address lies in the range. Bits of the range after its prefix are ignored. */
export const isInRange = (address: Address, range: AddressRange): boolean => {
  const shift = BigInt(range.bits - range.prefix);
  return address.bits === range.bits && address.value >> shift === range.value >> shift;
};

const parseV4 = (text: string): Address | undefined => {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => NUMBER.test(part) && Number(part) < 256)) return undefined;
  return { bits: 32, value: parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) };
};

const parseV6 = (text: string): Address | undefined => {
  const [before = '', after, ...more] = withoutV4(text)?.split('::') ?? [];
  if (more.length > 0) return undefined;
  const head = groupsOf(before);
  const tail = groupsOf(after ?? '');
  if (!head || !tail) return undefined;
  const missing = GROUPS - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<bigint>(missing).fill(0n), ...tail];
  return { bits: 128, value: groups.reduce((value, group) => (value << 16n) | group, 0n) };
};

/** Rewrites an IPv4 address at the end of an IPv6 address as two groups. */
const withoutV4 = (text: string): string | undefined => {
  if (!text.includes('.')) return text;
  const start = text.lastIndexOf(':') + 1;
  const v4 = parseV4(text.slice(start));
  return (
    v4 && `${text.slice(0, start)}${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}`
  );
};

const groupsOf = (text: string): bigint[] | undefined => {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => GROUP.test(group)) ? groups.map((group) => BigInt(`0x${group}`)) : undefined;
};

/** The address as text, with all IPv6 groups written out. */
export const addressText = ({ bits, value }: Address): string => {
  const isV4 = bits === 32;
  const [size, radix] = isV4 ? [8, 10] : [16, 16];
  const parts: string[] = [];
  for (let shift = bits - size; shift >= 0; shift -= size)
    parts.push(BigInt.asUintN(size, value >> BigInt(shift)).toString(radix));
  return parts.join(isV4 ? '.' : ':');
};
