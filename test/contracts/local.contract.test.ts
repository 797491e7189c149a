import { after } from 'node:test'
import { localDatabase, localForgeWorld, localTrackerWorld, shopSource } from '../adapters/local/world.ts'
import { forgeContract } from './forge-contract.ts'
import { trackerContract } from './tracker-contract.ts'

const { url } = await localDatabase({ after })
const source = await shopSource({ after })

trackerContract('The embedded tracker', (t) => localTrackerWorld(t, url))
forgeContract('The embedded forge', (t) => localForgeWorld(t, url, source))
