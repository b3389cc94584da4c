import { ModelError } from '../errors.ts'
import { dot, normalise } from '../math/vectors.ts'
import type { Encoder } from './encoder.ts'
import { allMiniLm } from './model-spec.ts'

/**
 * Three texts (a question, a passage, and signs and scripts that try the tokenizer) and the vectors that the pinned build
 * gives: a byte per dimension, signed, in base64. Rounding to bytes costs 0.00004 of cosine.
 */
const canaries = [
  {
    text: 'I lost my card abroad. What does a new one cost?',
    vector:
      '9QsX5hIHAC1K3u/H2tzRtfnp9xHoLNo1AwwE6vgONzHYGTTRJjL07OYR/yBDDvVMIkcxA7rG2e8f8NkOIQYJPMS7EfEc0+7o8zsHACX58lPTBQnXcugVEuiTJgDjMMnsSQX5KCgLKTkJEgYQM/TI17Lr30Dq+Dc30aX03IHxEAD8TegF3w0R7eAf5h0ON+0J6Rs6MeYZRe45KPPPRgQC/Dn4CTX3wf7wAxvowlCwKygfKNHyvuPoziElQ5Tc2fA+FdkQwJbFCwUh8P0k59Hd8qkTlSISS04a3QvD/e/WVQDioPU02rooWg/grxQtSw0i4y5KEkVNKBf8HSPbBJnn0s5v2i4GExYhpUE1KgHi7Ocny/Xs/yScK/ry2a/6INg8ASpP7eYd5mboEiwJFxIL+Qm009sgrzPoAMnADOCv2ADLLugh6sr7DdzB+9QN6djhPPUkLAssNdzPNUv4Ns3y/mg41uWmEukINgyy0gjFtccUNw0i8DXX8D8pHVr50McI',
  },
  {
    text: 'Interest is charged from the day of the transaction unless the balance is paid in full by the due date.',
    vector:
      'IRfz7xjOKwAwQBbjCgT/7MrF9i80+fEELDU34i3xxD4VzNwL2/nXJgAnLhgODfoG3Fjq2OAc3igSEAvP6AIG3+7aBh7fqjkT683pDSoT7vz78zPBL+HqISkxFxLhqtvz6y4A/h9Mvzwp+RsD/r7z7lr56kECzRHlGB/bBtD+MwDqzAWY5aQEHfL49usG2tgI2zFdJAzjCxUI7RMb6fZFCAQREg0vDh76QvH6zbPP+vYCWQjG/QPYJAkE2Qwb0vf3uycXBtMX8OMdFPoDBwsaOOHsGgHNRBzu/+Xv4P0afwAWDrIQ3f7LAAsXySHJFDjQDPILSrr2J8ovHgrzAzsAvP7nCOLn4CcnHOcaBerw8BEL29MJKkDvJmEy8vH69/nC9RYdClTfGkDm+9JNDOUNyeoi9fazzOLsv9f2ChwtqgD1H/IvMMYY8+glHdPy3xf/8NzqBeXh6O76+x4yLdj4OAbwEdss5uwU+v/4/PwbEtUS8Rb+F/zSFh8QA/gL7fvl',
  },
  {
    text: 'Zahlung £1,250.00 – 我的信用卡 #42 ☂',
    vector:
      '/l4bLuPifxQ17g2mLenq0RMN2gUy+xIoF+r1ECEVAi4M9jL22d3R/+vnBLQNDvQ6/1LBIhj8Ou0V/BIbxynhFvL159LJNCDVHOrT0z6+vgoAzef//gT1FwPoJy3XMdcT/8XuNgs1UAXA9CQnAwDm5Mf2CgLs9vjuLB3E59a+IQASNf/iqhI2Mbhq/tYHCN4u+uY6NjfbBQDnDwXZOCMVHO/A7doGEQcB7t3h+/ljNQUi7eTQwS76s+Pc6usZ2fgX69MEvvf9shtoCc7f8xhOYhUKCSxSQAj2GAna6SDl+wD8Z+QbBfEwYA8T9vYmA9sF1f8c+t0DCSz+EjADDgXb7PEd8PLp2fAo2x0J2T6278E2ySgjzfIDJ/3678j8OTc5+yI52i0IDuAf2bkq+jM+NCMLLdTpyMcF7NisADLn9ADL2+PjNewGA/74B+7dELMs+/Ie0TABxwjbB/FOvOnu6QPhD/nMCdwCErjuFAjd6Mf14B0AEPHqQBjh6Ac6o9i6',
  },
]

/** The same build on another processor stays above 0.9999; a broken one, or other token ids, falls far below this. */
const SAME_BUILD = 0.999
/** A build with smoothing vectors of one's own lies this close to the shipped one, or calibration went wrong. */
const OWN_SMOOTHING = 0.98

/** The same file on another processor stays above this even if it was quantised to eight bits, and counted from its middle. */
const SAME_FILE = 0.98

/**
 * What an encoder that Bursar did not build gives for the three texts: a string for each, to be kept with its vectors and
 * compared at later starts.
 */
export async function takeCanaries({ encode }: Pick<Encoder, 'encode'>): Promise<string[]> {
  const taken: string[] = []
  for (const { text } of canaries) {
    const vector = await encode(text)
    const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    taken.push(
      Buffer.from(Int8Array.from(vector, (value) => Math.round((127 * value) / largest)).buffer).toString('base64'),
    )
  }
  return taken
}

/** Compare what was kept with what the encoder gives now. @throws {ModelError} if they differ. */
export function compareCanaries(encoder: string, kept: readonly string[], found: readonly string[]): void {
  for (const [i, text] of found.entries()) {
    const [before, now] = [vectorOf(kept[i] ?? ''), vectorOf(text)]
    const cosine = before.length === now.length ? dot(before, now) : 0
    if (cosine >= SAME_FILE) continue
    throw new ModelError(
      `encoder ${encoder} gives other vectors than those stored here (cosine ${cosine.toFixed(4)}, at least ${SAME_FILE}): restore its files, or use a new data directory`,
    )
  }
}

function vectorOf(base64: string): Float32Array {
  const bytes = Float32Array.from(new Int8Array(Buffer.from(base64, 'base64')))
  return bytes.some((value) => value !== 0) ? normalise(bytes) : bytes
}

/**
 * Encode three known texts and compare. An encoder that Bursar did not build has no known vectors and passes, see
 * {@link takeCanaries}.
 * @throws {ModelError} if a vector differs from the stored one: this installation would not find what others indexed.
 */
export async function checkCanaries(encoder: Pick<Encoder, 'name' | 'sha256' | 'encode'>): Promise<void> {
  if (encoder.name !== allMiniLm.name) return
  const least = encoder.sha256 === allMiniLm.encoderSha256 ? SAME_BUILD : OWN_SMOOTHING
  for (const { text, vector } of canaries) {
    const cosine = dot(await encoder.encode(text), vectorOf(vector))
    if (!(cosine >= least)) {
      const found = cosine.toFixed(4)
      throw new ModelError(
        `encoder ${encoder.name} gives another vector than it should (cosine ${found}, at least ${least}); run \`bursar models pull\``,
      )
    }
  }
}
