/**
 * One source file of natural: its index of stemmers brings those of fifteen languages, one of them with a dictionary, which
 * every process would load at its start. The package ships types for the index alone, so they are borrowed from there.
 */
declare module 'natural/lib/natural/stemmers/porter_stemmer.js' {
  import type { PorterStemmer } from 'natural/lib/natural/stemmers/index.js'

  const stemmer: typeof PorterStemmer
  export = stemmer
}
