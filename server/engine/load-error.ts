import { BursarError } from '../errors.ts'
import type { GenerationPart } from './messages.ts'

/** A part of a generation is missing, altered, or does not belong to the others; the message says what to do. */
export class LoadError extends BursarError {
  readonly code = 'model_unavailable'
  readonly part: GenerationPart
  constructor(part: GenerationPart, message: string) {
    super(message)
    this.part = part
  }
}
