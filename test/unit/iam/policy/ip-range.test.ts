import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressText, isInRange, parseAddress, parseRange } from '../../../../shared/iam/policy/ip-range.ts';

const isIn = (address: string, range: string): boolean | undefined => {
  const [found, wanted] = [parseAddress(address), parseRange(range)];
  return found && wanted && isInRange(found, wanted);
};

describe('an address', () => {
  test.each([
    ['0.0.0.0', 32, 0n],
    ['1.2.3.4', 32, 0x01020304n],
    ['10.199.20.109', 32, 0x0ac7146dn],
    ['255.255.255.255', 32, 0xffffffffn],
    ['::', 128, 0n],
    ['::1', 128, 1n],
    ['1::', 128, 1n << 112n],
    ['1:2:3:4:5:6:7:8', 128, 0x00010002000300040005000600070008n],
    ['1:2:3:4:5:6:7::', 128, 0x00010002000300040005000600070000n],
    ['::2:3:4:5:6:7:8', 128, 0x00000002000300040005000600070008n],
    ['1::8', 128, 0x00010000000000000000000000000008n],
    ['2001:DB8::aBcD', 128, 0x20010db800000000000000000000abcdn],
    ['::ffff:1.2.3.4', 128, 0xffff01020304n],
    ['64:ff9b::255.0.0.1', 128, 0x0064ff9b0000000000000000ff000001n],
    ['1:2:3:4:5:6:7.8.9.10', 128, 0x0001000200030004000500060708090an],
    ['ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255', 128, (1n << 128n) - 1n],
  ])('is read from %s', (text, bits, value) => {
    expect(parseAddress(text)).toEqual({ bits, value });
  });

  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1.2.3.256',
    '1.2.3.999',
    '1.2.3.1000',
    '1.2.3.04',
    '1.2.3.00',
    '1.2.3.-4',
    '1.2.3.x4',
    '1.2.3.4x',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1.2.3.*',
    '0x1.2.3.4',
    '1.2.3.4/32',
    ':',
    ':::',
    ':1',
    '1:',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '::1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    'x1::',
    '1x::',
    '::g',
    '1:::2',
    ':1::',
    '::1:',
    'fe80::1%eth0',
    '::1.2.3',
    '::1.2.3.256',
    '1.2.3.4::',
    '1.2.3.4:5::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    '[::1]',
    '0ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255',
  ])('is not %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('is read back as the same address after it was written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        expect(address).toBeDefined();
        if (address) expect(parseAddress(addressText(address))).toEqual(address);
      }),
    );
    expect(addressText({ bits: 32, value: 0x0a00ff01n })).toBe('10.0.255.1');
    expect(addressText({ bits: 128, value: 0x20010db8n << 96n })).toBe('2001:db8:0:0:0:0:0:0');
  });
});

describe('a range', () => {
  test.each([
    ['203.0.113.0/24', '203.0.113.0', true],
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/24', '203.0.114.0', false],
    ['203.0.113.0/24', '203.0.112.255', false],
    ['203.0.113.77/24', '203.0.113.1', true],
    ['203.0.113.0/25', '203.0.113.127', true],
    ['203.0.113.0/25', '203.0.113.128', false],
    ['203.0.113.8/31', '203.0.113.9', true],
    ['203.0.113.8/31', '203.0.113.10', false],
    ['203.0.113.8/32', '203.0.113.8', true],
    ['203.0.113.8/32', '203.0.113.9', false],
    ['203.0.113.8', '203.0.113.8', true],
    ['203.0.113.8', '203.0.113.9', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['128.0.0.0/1', '127.255.255.255', false],
    ['0.0.0.0/0', '::', false],
    ['::/0', '0.0.0.0', false],
    ['::/0', 'ffff::', true],
    ['1.2.3.4', '::ffff:1.2.3.4', false],
    ['::ffff:1.2.3.4', '1.2.3.4', false],
    ['::ffff:0:0/96', '::ffff:1.2.3.4', true],
    ['::ffff:1.2.3.0/120', '::ffff:102:3ff', true],
    ['::ffff:1.2.3.0/120', '::ffff:102:400', false],
    ['2001:DB8:1234:5678::/64', '2001:db8:1234:5678:ffff:ffff:ffff:ffff', true],
    ['2001:DB8:1234:5678::/64', '2001:db8:1234:5679::', false],
    ['2001:db8::', '2001:db8::', true],
    ['2001:db8::', '2001:db8::1', false],
    ['2001:db8::/127', '2001:db8::1', true],
    ['2001:db8::/128', '2001:db8::1', false],
  ])('%s and %s', (range, address, expected) => {
    expect(isIn(address, range)).toBe(expected);
  });

  test.each([
    ['10.0.0.0/0', 0],
    ['10.0.0.0/9', 9],
    ['10.0.0.0/32', 32],
    ['10.0.0.0', 32],
    ['::/33', 33],
    ['::/128', 128],
    ['::', 128],
  ])('%s has its prefix', (text, prefix) => {
    expect(parseRange(text)?.prefix).toBe(prefix);
  });

  test.each([
    '',
    '/',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8x',
    '10.0.0.0/x8',
    '10.0.0.0/ 8',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/1e1',
    '10.0/16',
    '10.0.0.0 /8',
    '::/129',
    '::/1000',
    '*',
    '10.*',
  ])('is not %j', (text) => {
    expect(parseRange(text)).toBeUndefined();
  });

  test.each([
    [32, 8, 10, '.'],
    [128, 16, 16, ':'],
  ])('of %i bits contains the addresses that share its first bits', (bits, size, radix, separator) => {
    const write = (value: bigint) =>
      (
        value
          .toString(2)
          .padStart(bits, '0')
          .match(new RegExp(`.{${size}}`, 'g')) ?? []
      )
        .map((part) => Number.parseInt(part, 2).toString(radix))
        .join(separator);
    const value = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
    fc.assert(
      fc.property(
        value,
        fc.integer({ min: 0, max: bits }),
        fc.integer({ min: 0, max: bits - 1 }),
        (base, prefix, flipped) => {
          const size = 1n << BigInt(bits - prefix);
          const near = base ^ (1n << BigInt(flipped));
          expect(isIn(write(near), `${write(base)}/${prefix}`)).toBe(near / size === base / size);
          expect(isIn(write(base), `${write(base)}/${prefix}`)).toBe(true);
        },
      ),
    );
  });
});
