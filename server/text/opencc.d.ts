/** One dictionary of opencc-js alone: its index brings them all, a megabyte of phrases among them. The package has no types for it. */
declare module 'opencc-js/dict/TSCharacters' {
  /** `traditional simplified|traditional simplified|…` */
  const pairs: string
  export = pairs
}
