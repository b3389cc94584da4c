import { InputError, UsageError } from '../../errors.ts'
import type { Candidate, TableTask } from './method.ts'
import { linearMethod, networkMethod } from './methods.ts'
import type { MethodName, TableOptions } from './options.ts'
import { boostingMethod, forestMethod } from './tree-methods.ts'

type Given = Partial<TableOptions>
type Method = Exclude<MethodName, 'select'>

const makers: Readonly<Record<Method, (options: Given) => Candidate>> = {
  logistic: (options) => linearMethod('logistic', options),
  linear: (options) => linearMethod('linear', options),
  mlp: networkMethod,
  tree: (options) => forestMethod('tree', options),
  forest: (options) => forestMethod('forest', options),
  boosting: boostingMethod,
}

/** What `select` compares, beside what options say of each method. */
const variants: readonly (readonly [Method, Given])[] = [
  ['logistic', { l2: 1e-3 }],
  ['logistic', { l2: 1e-2 }],
  ['mlp', {}],
  ['mlp', { hidden: [32], dropout: 0.1, l2: 1e-3 }],
  ['forest', { leaf: 10 }],
  ['boosting', { leaves: 8 }],
  ['boosting', { leaves: 16 }],
]

const treeMethods: ReadonlySet<string> = new Set(['tree', 'forest', 'boosting'])

/** Whether a method can be held to signs; `select` then compares those that can. */
export const keepsSigns = (method: MethodName): boolean => method === 'select' || treeMethods.has(method)

/** The candidates that a method stands for. @throws {UsageError} on a method of the other task, or a constraint it cannot keep. */
export function candidatesOf(method: MethodName, task: TableTask, options: TableOptions): Candidate[] {
  const isRegression = task === 'tabular-regression'
  if (method === (isRegression ? 'logistic' : 'linear'))
    throw new UsageError(`--method ${method} does not fit: use ${isRegression ? 'linear' : 'logistic'}`)
  const needsTrees = options.monotone.length > 0
  const given = givenOnly(options)
  if (method !== 'select') {
    if (!needsTrees || treeMethods.has(method)) return [makers[method](given)]
    throw new UsageError(`--option monotone is kept by ${[...treeMethods].join(', ')} only, not by ${method}`)
  }
  const wanted = variants.filter(([name]) => !needsTrees || treeMethods.has(name))
  const own = wanted.map(([name, variant]) =>
    makers[isRegression && name === 'logistic' ? 'linear' : name]({ ...variant, ...given }),
  )
  // Options may have made two of them one.
  return own.filter(({ name }, i) => own.findIndex((other) => other.name === name) === i)
}

/** Without what nobody said, so that a method's own defaults hold. */
function givenOnly(options: TableOptions): Given {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** @throws {InputError} naming the constrained column that is no number among the inputs. */
export function assertMonotone(file: string, options: TableOptions, numbers: ReadonlySet<string>): void {
  const absent = options.monotone.map((text) => text.slice(0, -2)).find((name) => !numbers.has(name))
  if (absent !== undefined) throw new InputError({ file, column: absent }, 'is no column of numbers: --option monotone')
}
