// Loads one module in place of another, for children.mjs.
let from
let to

export function initialize(data) {
  from = data.from
  to = data.to
}

export function resolve(specifier, context, nextResolve) {
  return nextResolve(specifier === from ? to : specifier, context)
}
