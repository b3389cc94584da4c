export { type EligibilityRule, type Operator, operators, type Product } from '../storage/products.ts'
