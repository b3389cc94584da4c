import { type StaffLogins, staffLogins } from '../conform/logins.ts'
import { groupNames, type Result, runSuite } from '../conform/suite.ts'
import { messageOf, UsageError } from '../errors.ts'
import { readOwnFile } from '../text/own-file.ts'
import { type Command, oneOf, textOf } from './command.ts'

export const conformCommand: Command = {
  name: 'conform',
  args: '<url>',
  summary: 'try a running server against the wire contract bursar.v1',
  options: [
    [
      '--restart <command>',
      'kills the server and starts it again, and ends when it is ready: for cases over a restart',
    ],
    ['--origin <origin>', 'sent as Origin, for a server that lets in no programs without one'],
    ['--staff <file>', 'people of the desk, as docs/conformance.md says: for cases about staff'],
    ['--only <group>', `only these cases: ${groupNames.join(', ')}`],
  ],
  async run({ progress }, [url = ''], given) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new UsageError(`"${url}" is no http or https address`)
    const only = oneOf(given, 'only', groupNames)
    const file = textOf(given, 'staff')
    const staff = file === undefined ? undefined : loginsIn(file)
    let done = 0
    const results = await runSuite({
      ...{ url, only, origin: textOf(given, 'origin'), restart: textOf(given, 'restart'), staff },
      onResult: ({ name }) => progress(Math.min(1, ++done / expected), name),
    })
    const count = (outcome: Result['outcome']) => results.filter((one) => one.outcome === outcome)
    const failed = count('failed')
    const json = {
      ...{ cases: results.length, passed: count('passed').length, failed },
      notRun: count('not run').map(({ group, name, detail }) => ({ group, name, detail })),
    }
    return { json, text: report(results), exitCode: failed.length === 0 ? 0 : 1 }
  },
}

function loginsIn(file: string): StaffLogins {
  try {
    return readOwnFile(file, staffLogins)
  } catch (cause) {
    throw new UsageError(`--staff ${file}: ${messageOf(cause)}`, { cause })
  }
}

/** About as many cases as there are, for the progress bar. */
const expected = 160

function report(results: readonly Result[]): string {
  const lines = groupNames.flatMap((group) => {
    const own = results.filter((one) => one.group === group)
    const passed = own.filter(({ outcome }) => outcome === 'passed').length
    const notes = own
      .filter(({ outcome }) => outcome !== 'passed')
      .map(
        ({ name, outcome, detail }) =>
          `  ${outcome === 'failed' ? 'FAILED ' : 'not run'}  ${name}\n           ${detail}`,
      )
    return own.length === 0 ? [] : [`${group.padEnd(9)} ${passed} of ${own.length}`, ...notes]
  })
  const failed = results.filter(({ outcome }) => outcome === 'failed').length
  const notRun = results.filter(({ outcome }) => outcome === 'not run').length
  const rest = notRun === 0 ? '' : `, ${notRun} not run`
  return [...lines, `${results.length - failed - notRun} of ${results.length} cases passed${rest}`].join('\n')
}
