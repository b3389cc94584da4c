export const apiVersion = '1.0.0'

/** A text that is made once, when it is first asked for: nobody should wait for it at the start. */
function madeOnce(make: () => Promise<object>): () => Promise<string> {
  let made: Promise<string> | undefined
  return () => {
    made ??= make().then((document) => JSON.stringify(document))
    made.catch(() => {
      made = undefined // the next one tries again
    })
    return made
  }
}

/** What the server says of itself, by the file's name under `/v1`. */
export const descriptions: Readonly<Record<string, () => Promise<string>>> = {
  'openapi.json': madeOnce(async () => (await import('./openapi.ts')).createOpenApiDocument(apiVersion)),
  'asyncapi.json': madeOnce(async () => (await import('./asyncapi.ts')).createAsyncApiDocument(apiVersion)),
  schema: madeOnce(async () => (await import('../protocol/schema.ts')).createSchemaDocument()),
}
