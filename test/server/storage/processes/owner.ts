import { ownDirectory } from '../../../../server/storage/ownership.ts'

// Owns the directory until it is killed.
const { release } = ownDirectory(process.argv[2]!)
process.once('exit', release) // named until the end, or the lock would go with the garbage
console.log('owned')
process.stdin.resume()
