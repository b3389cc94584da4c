import { createExactIndex, loadExactIndex } from '../../../server/retrieval/exact-index.ts'
import { vectorIndexContract } from '../../contracts/vector-index.contract.ts'

const create = (dimension: number) => createExactIndex({ encoderId: 'test-encoder', dimension })
vectorIndexContract('exact index', { create, load: loadExactIndex }, 1)
