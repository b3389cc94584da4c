import { expect, it } from 'vitest'
import { preferredCoding } from '../../../server/gateway/static-files.ts'

it.each([
  [undefined, undefined],
  ['', undefined],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip;q=1.0, br;q=0.5', 'gzip'],
  ['GZIP;Q=0.5', 'gzip'],
  ['x-gzip', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['*', 'br'],
  ['*;q=0', undefined],
  ['br;q=0.5, identity', undefined],
  ['br;q=0.5, identity;q=0.5', 'br'],
  ['gzip;q=0', undefined],
  ['br;q=many, gzip;q=-1', undefined],
  ['deflate', undefined],
])('Accept-Encoding %j chooses %s', (header, coding) => {
  expect(preferredCoding(header, ['br', 'gzip'])).toBe(coding)
})
