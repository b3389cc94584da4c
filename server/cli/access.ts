import { type Key, keyScopes } from '../access/keys.ts'
import { roles } from '../access/permissions.ts'
import type { User } from '../access/users.ts'
import { UsageError } from '../errors.ts'
import type { AuditHead, AuditRow } from '../storage/audit.ts'
import type { ModelUsage } from '../storage/model-usage.ts'
import { type Command, dayOf, reasonOf, reasonOption, textOf } from './command.ts'
import { readPassword } from './password.ts'

const whole = (text: string, option: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${option} has to be a whole number, not "${text}"`)
  return Number(text)
}

const usersAdd: Command = {
  name: 'users add',
  args: '<name> <roles...>',
  summary: `add a user; the password is asked for or read from standard input; roles: ${roles.join(', ')}`,
  options: [['--shown-as <name>', 'name that customers see; without it the user’s name'], reasonOption],
  async run({ perform }, [name = '', ...held], given) {
    const shownAs = textOf(given, 'shownAs')
    const json = (await perform('users.add', {
      ...{ name, roles: held, password: await readPassword() },
      ...(shownAs !== undefined && { shownAs }),
      ...reasonOf(given),
    })) as User
    return { json, text: `${json.name} may sign in as ${json.roles.join(', ')}` }
  },
}

const usersList: Command = {
  name: 'users list',
  args: '',
  summary: 'users with their roles',
  options: [],
  async run({ perform }) {
    const json = (await perform('users.list', {})) as { users: User[] }
    const lines = json.users.map(({ name, shownAs, roles: held, disabledAt }) =>
      [
        name,
        held.join(', '),
        ...(shownAs === undefined ? [] : [`shown as ${shownAs}`]),
        ...(disabledAt === undefined ? [] : [`disabled ${disabledAt}`]),
      ].join('  '),
    )
    return { json, text: lines.join('\n') || 'no users yet: bursar users add NAME ROLE' }
  },
}

const usersRoles: Command = {
  name: 'users roles',
  args: '<name> <roles...>',
  summary: 'give a user these roles instead of those of before, and end their sessions',
  options: [reasonOption],
  async run({ perform }, [name = '', ...held], given) {
    const json = (await perform('users.roles', { name, roles: held, ...reasonOf(given) })) as object
    return { json, text: `${name} is now ${held.join(', ')}` }
  },
}

const usersPassword: Command = {
  name: 'users password',
  args: '<name>',
  summary: 'set a password, asked for or read from standard input, and end the user’s sessions',
  options: [reasonOption],
  async run({ perform }, [name = ''], given) {
    const request = { name, password: await readPassword(), ...reasonOf(given) }
    return { json: (await perform('users.password', request)) as object, text: `${name} has a new password` }
  },
}

const usersShownAs: Command = {
  name: 'users shown-as',
  args: '<name> <shown>',
  summary: 'set the name that customers see, and end the user’s sessions',
  options: [reasonOption],
  async run({ perform }, [name = '', shownAs = ''], given) {
    const json = (await perform('users.shownAs', { name, shownAs, ...reasonOf(given) })) as object
    return { json, text: `customers see ${name} as ${shownAs}` }
  },
}

const usersDisable: Command = {
  name: 'users disable',
  args: '<name>',
  summary: 'let a user sign in no more, and end their sessions',
  options: [reasonOption],
  async run({ perform }, [name = ''], given) {
    const json = (await perform('users.disable', { name, ...reasonOf(given) })) as object
    return { json, text: `${name} is disabled` }
  },
}

const keysCreate: Command = {
  name: 'keys create',
  args: '<name>',
  summary: 'make an API key for a program; it is shown once',
  options: [
    ['--scopes <list>', `what it may, with commas between: ${keyScopes.join(', ')}`, 'documents:read'],
    ['--days <number>', 'days until it expires', '365'],
    ['--user <name>', 'whose program it is for: under four eyes, its changes are theirs'],
    ['--texts-per-day <number>', 'most texts that it may send to models in a day (UTC)'],
    reasonOption,
  ],
  async run({ perform }, [name = ''], given) {
    const scopes = (textOf(given, 'scopes') ?? '').split(',').map((scope) => scope.trim())
    const days = whole(textOf(given, 'days') ?? '', 'days')
    const [user, bound] = [textOf(given, 'user'), textOf(given, 'textsPerDay')]
    const request = {
      ...{ name, scopes, days, ...reasonOf(given), ...(user !== undefined && { user }) },
      ...(bound !== undefined && { textsPerDay: whole(bound, 'texts-per-day') }),
    }
    const json = (await perform('keys.create', request)) as Key & { key: string }
    return { json, text: `${json.key}\nkeep it now, it is not shown again; good until ${json.expiresAt}` }
  },
}

const keysList: Command = {
  name: 'keys list',
  args: '',
  summary: 'API keys, by their first characters',
  options: [],
  async run({ perform }) {
    const json = (await perform('keys.list', {})) as { keys: Key[] }
    const lines = json.keys.map(({ id, name, owner, createdBy, scopes, expiresAt, revokedAt }) =>
      [
        id,
        name,
        owner === undefined ? createdBy : `user:${owner}`,
        scopes.join(' '),
        revokedAt === undefined ? `until ${expiresAt}` : `revoked ${revokedAt}`,
      ].join('  '),
    )
    return { json, text: lines.join('\n') || 'no keys yet: bursar keys create NAME' }
  },
}

const keysRevoke: Command = {
  name: 'keys revoke',
  args: '<id>',
  summary: 'refuse a key from now on; ID are its first characters, as keys list prints them',
  options: [reasonOption],
  async run({ perform }, [id = ''], given) {
    const json = (await perform('keys.revoke', { id, ...reasonOf(given) })) as object
    return { json, text: `${id} is revoked` }
  },
}

const keysUsage: Command = {
  name: 'keys usage',
  args: '',
  summary: 'what programs have asked of models, by day (UTC), key and model',
  options: [
    ['--from <day>', 'the first day'],
    ['--until <day>', 'the last day'],
    ['--csv', 'as a table for spreadsheets'],
  ],
  async run({ perform }, _, given) {
    const [from, until] = [dayOf(given, 'from'), dayOf(given, 'until')]
    const days = { ...(from !== undefined && { from }), ...(until !== undefined && { until }) }
    const json = (await perform('keys.usage', days)) as { usage: ModelUsage[] }
    const rows = json.usage.map(({ day, actor, model, requests, texts, computeMs }) => {
      return [day, actor.replace(/^key:/, ''), model, requests, texts, Math.round(computeMs)]
    })
    const head = ['day', 'key', 'model', 'requests', 'texts', 'compute_ms']
    // None of the fields can hold a comma, a quotation mark or the beginning of a formula.
    if (given.csv === true) return { json, text: [head, ...rows].map((row) => row.join(',')).join('\n') }
    return {
      json,
      text: rows.length > 0 ? [head, ...rows].map((row) => row.join('  ')).join('\n') : 'no models were asked',
    }
  },
}

const auditList: Command = {
  name: 'audit list',
  args: '',
  summary: 'who did what, newest first',
  options: [
    ['--actor <actor>', 'only what this one did: user:NAME, key:ID or local:NAME'],
    ['--subject <subject>', 'only what was done to this one'],
    ['--before <seq>', 'only rows before this one'],
    ['--limit <number>', 'rows at most', '100'],
  ],
  async run({ perform }, _, given) {
    const [actor, subject, before] = [textOf(given, 'actor'), textOf(given, 'subject'), textOf(given, 'before')]
    const json = (await perform('audit.list', {
      limit: whole(textOf(given, 'limit') ?? '', 'limit'),
      ...(actor !== undefined && { actor }),
      ...(subject !== undefined && { subject }),
      ...(before !== undefined && { before: whole(before, 'before') }),
    })) as { entries: AuditRow[] }
    const lines = json.entries.map(({ seq, at, actor: who, action, subject: what, detail = '', reason }) =>
      [seq, at, who, action, what, detail, reason === undefined ? '' : `“${reason}”`].filter(Boolean).join('  '),
    )
    return { json, text: lines.join('\n') || 'nothing was done yet' }
  },
}

const auditVerify: Command = {
  name: 'audit verify',
  args: '',
  summary: 'follow the chain of hashes',
  options: [['--head <head>', 'what an earlier run printed: that row has to be there still']],
  async run({ perform }, _, options) {
    const given = textOf(options, 'head')
    const kept = given === undefined ? undefined : parseHead(given)
    const json = (await perform('audit.verify', kept ? { kept } : {})) as { head: AuditHead | null }
    const { head } = json
    if (!head) return { json, text: 'the audit log is empty' }
    return {
      json,
      text: `whole, ${head.seq} rows; keep this elsewhere and give it to the next run:\n${head.seq}:${head.hash}`,
    }
  },
}

/** @throws {UsageError} unless it is `SEQ:HASH`. */
function parseHead(text: string): AuditHead {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? []
  if (hash === undefined)
    throw new UsageError('a head is a number, a colon and 64 hexadecimal digits, as audit verify prints it')
  return { seq: Number(seq), hash }
}

/** `bursar users`, `keys` and `audit`. */
export const accessCommands: readonly Command[] = [
  ...[usersAdd, usersList, usersRoles, usersPassword, usersShownAs, usersDisable],
  ...[keysCreate, keysList, keysRevoke, keysUsage, auditList, auditVerify],
]
