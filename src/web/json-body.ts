/** JSON of requests, in UTF-8 and nothing else: a letter that cannot be read is refused, not replaced. */
import type { FastifyInstance } from 'fastify'

export function acceptJson(app: Pick<FastifyInstance, 'addContentTypeParser' | 'getDefaultJsonParser'>): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  const decoder = new TextDecoder('utf-8', { fatal: true })
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string
    try {
      text = decoder.decode(body as Buffer)
    } catch {
      done(Object.assign(new Error('The request is not text in UTF-8; send it in that encoding.'), { statusCode: 400 }))
      return
    }
    parse(request, text, done)
  })
}
