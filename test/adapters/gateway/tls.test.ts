import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { anthropicAt, ask, createWorld, KEY, openDoor } from './support.ts'

const dir = mkdtempSync(join(tmpdir(), 'orch-tls-'))
const [keyFile, certFile] = [join(dir, 'key'), join(dir, 'cert')]
const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
const made = spawnSync('openssl', [
  ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
  ...['-keyout', keyFile, '-out', certFile, ...subject],
])
const pair = made.status === 0 ? { key: readFileSync(keyFile), cert: readFileSync(certFile) } : null
rmSync(dir, { recursive: true, force: true })

describe(
  'a provider behind TLS',
  pair === null ? { skip: 'there is no openssl to make a certificate with' } : {},
  () => {
    it('gets the key only where its certificate is trusted and of its name', async () => {
      const seen: string[] = []
      const server = createServer(pair!, ({ headers }, response) => {
        seen.push(String(headers['x-api-key']))
        response.end('{}')
      })
      server.on('tlsClientError', () => {})
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const providers = anthropicAt(`https://localhost:${port}`)
      await using world = await createWorld(providers)
      const trust = getCACertificates()
      try {
        const stranger = openDoor(world)
        assert.equal((await ask(stranger)).status, 502)
        assert.match(stranger.ledger().trouble ?? '', /DEPTH_ZERO_SELF_SIGNED_CERT/)
        setDefaultCACertificates([...trust, pair!.cert.toString()])
        assert.equal((await ask(openDoor(world))).status, 200)
        providers.anthropic = { ...providers.anthropic!, upstream: `https://127.0.0.1:${port}` }
        const misnamed = openDoor(world)
        assert.equal((await ask(misnamed)).status, 502)
        assert.match(misnamed.ledger().trouble ?? '', /ERR_TLS_CERT_ALTNAME_INVALID/)
        assert.deepEqual(seen, [KEY])
      } finally {
        setDefaultCACertificates(trust)
        server.close()
        server.closeAllConnections()
      }
    })
  },
)
