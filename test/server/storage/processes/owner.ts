import { ownDirectory } from '../../../../server/storage/ownership.ts'

// Owns the directory until it is killed.
ownDirectory(process.argv[2]!)
console.log('owned')
process.stdin.resume()
