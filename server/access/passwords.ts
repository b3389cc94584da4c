import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { BusyError, UsageError } from '../errors.ts'

// PHC string format: $scrypt$ln=15,r=8,p=3$SALT$HASH, base64 without padding. ln is log2 of scrypt's N.
// https://github.com/P-H-C/phc-string-format

interface Cost {
  readonly ln: number
  readonly r: number
  readonly p: number
}

/** OWASP's Password Storage Cheat Sheet: N = 2^15, r = 8, p = 3 is 32 MiB for about a quarter of a second. */
const cost: Cost = { ln: 15, r: 8, p: 3 }
const saltBytes = 16
const hashBytes = 32
/** NIST SP 800-63B counts characters as Unicode code points; there are no rules of composition. */
const minCharacters = 12
const maxCharacters = 256
/** Hashes computed at once. The threads they run on read files, too, and each takes 32 MiB. */
const maxOpen = 8

let open = 0

/** @throws {UsageError} if a new password is too short or too long, or holds a control character. */
export function assertPassword(password: string): void {
  const { length } = [...password]
  if (length < minCharacters || length > maxCharacters)
    throw new UsageError(`a password has to have ${minCharacters} to ${maxCharacters} characters`)
  if (/\p{Cc}/u.test(password)) throw new UsageError('a password has to be without control characters')
}

/** A salted hash with its parameters. @throws {BusyError} */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  return written(cost, salt, await derive(password, salt, cost))
}

/** What a name that nobody has is compared with, so that it takes as long as one that somebody has. */
const nobodys = written(cost, Buffer.alloc(saltBytes), Buffer.alloc(hashBytes))

/**
 * Whether the password is that of the hash, compared in constant time.
 * @param hash undefined for a user that does not exist: the same work, and false. @throws {BusyError}
 */
export async function passwordMatches(password: string, hash: string | undefined): Promise<boolean> {
  const known = parse(hash ?? nobodys)
  // A longer one is nobody's, and only hashing it would take long.
  const derived = await derive(password.slice(0, 2 * maxCharacters), known.salt, known.cost)
  return timingSafeEqual(derived, known.hash) && hash !== undefined
}

function written({ ln, r, p }: Cost, salt: Buffer, hash: Buffer): string {
  const [one, two] = [salt, hash].map((bytes) => bytes.toString('base64').replace(/=+$/, ''))
  return `$scrypt$ln=${ln},r=${r},p=${p}$${one}$${two}`
}

function parse(text: string): { cost: Cost; salt: Buffer; hash: Buffer } {
  const [, ln, r, p, salt = '', hash = ''] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]{43})$/.exec(text) ?? []
  if (ln === undefined) throw new Error('a stored password hash is none that this program writes')
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  }
}

async function derive(password: string, salt: Buffer, { ln, r, p }: Cost): Promise<Buffer> {
  if (open >= maxOpen) throw new BusyError(`${maxOpen} passwords are already being checked`)
  open++
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 * 128 * r * 2 ** ln }
  try {
    return await new Promise((resolve, reject) =>
      // NFKC, as keyboards disagree on how to write the same letter.
      scrypt(password.normalize('NFKC'), salt, hashBytes, options, (fault, key) =>
        fault ? reject(fault) : resolve(key),
      ),
    )
  } finally {
    open--
  }
}
