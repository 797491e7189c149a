import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { TransientError, UserError } from '#core/errors.ts'
import { acceptJson } from '../../src/web/json-body.ts'
import { tellBadAddress, tellProblems } from '../../src/web/problems.ts'

/** A server with one route, and what it logged. */
function server() {
  const logged: string[] = []
  const write = (_: object, message: string) => void logged.push(message)
  const app = Fastify({ frameworkErrors: tellBadAddress }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  tellProblems(app, { debug: write, info: write, warn: write, error: write })
  acceptJson(app)
  const body = z.strictObject({
    title: z.string().max(5),
    priority: z.number().int().min(0).max(4).default(0),
    to: z.enum(['a', 'b']).optional(),
  })
  app.post('/tasks', { schema: { body } }, async ({ body: { title } }) => {
    if (title === 'user') throw new UserError('Not like that.')
    if (title === 'later') throw new TransientError('the disk is full.')
    if (title === 'bug') throw new Error('secret inside')
    return { title }
  })
  const post = async (payload: string | Buffer, type = 'application/json') => {
    const answer = await app.inject({ method: 'POST', url: '/tasks', payload, headers: { 'content-type': type } })
    return [answer.statusCode, answer.json().error]
  }
  return { app, logged, post }
}

test('what is wrong with a request is one sentence about the field', async () => {
  const { post, logged } = server()
  const cases: [string | Buffer, number, string][] = [
    ['{"title":5}', 400, 'title must be text.'],
    ['{}', 400, 'title is missing; it must be text.'],
    ['{"title":"123456"}', 400, 'title must have at most 5 characters.'],
    ['{"title":"a","priority":9}', 400, 'priority must be at most 4.'],
    ['{"title":"a","priority":-1}', 400, 'priority must be at least 0.'],
    ['{"title":"a","priority":1.5}', 400, 'priority must be a whole number.'],
    ['{"title":"a","to":"c"}', 400, 'to must be one of a, b.'],
    ['{"title":"a","extra":1}', 400, 'The request has an unknown field "extra"; leave it out.'],
    ['[1]', 400, 'The request must be a JSON object.'],
    ['', 400, 'The request is empty; send a JSON object.'],
    ['{"title":', 400, 'The request is not JSON; send a JSON object.'],
    [Buffer.from('{"title":"\xff"}', 'latin1'), 400, 'The request is not text in UTF-8; send it in that encoding.'],
    ['a'.repeat(2 * 1024 * 1024), 413, 'The request is larger than 1 MiB; send less.'],
    ['{"title":"user"}', 400, 'Not like that.'],
    [
      '{"title":"later"}',
      503,
      'Orch could not finish that now, so look whether it was done before you repeat it: the disk is full.',
    ],
  ]
  for (const [payload, status, sentence] of cases)
    assert.deepEqual(await post(payload), [status, sentence], String(payload).slice(0, 60))
  assert.deepEqual(await post('x', 'image/png'), [
    415,
    'The request is not declared as JSON; send it with content-type: application/json.',
  ])
  assert.deepEqual(logged, [])
})

test('what is wrong with us is in the log and not in the answer', async () => {
  const { post, logged } = server()
  assert.deepEqual(await post('{"title":"bug"}'), [500, 'Orch has a bug here; its log says more.'])
  assert.deepEqual(logged, ['a request failed'])
})

test('an address that cannot be read, and one that leads nowhere, are a sentence each', async () => {
  const { app } = server()
  const ask = async (url: string) => {
    const answer = await app.inject({ url })
    return [answer.statusCode, Object.keys(answer.json()), answer.json().error]
  }
  assert.match(String(await ask('/%ff')), /^400,error,The address cannot be read/)
  assert.match(String(await ask('/nowhere')), /^404,error,There is nothing at this address/)
})
