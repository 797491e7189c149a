/** The store in memory keeps the same promises as the one on PostgreSQL. */
import { storeContract } from '../contracts/store-contract.ts'
import { createMemoryStore } from './memory/memory-store.ts'

storeContract('in memory, for the simulation', () => createMemoryStore({ seed: 0, onCommit() {}, onBackstop() {} }))
