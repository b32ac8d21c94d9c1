// What the document of the API says, as types: of each operation its query, its body and its answer.
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Verb = 'get' | 'post' | 'put' | 'delete'

/** The paths that have an operation of this verb. */
export type PathOf<V extends Verb> = {
  [P in keyof paths]: paths[P][V] extends object ? P : never
}[keyof paths]

type Operation<V extends Verb, P extends PathOf<V>> = paths[P][V]
type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never

/** What may stand after the `?`; what is undefined is left out. */
export type QueryOf<P extends PathOf<V>, V extends Verb = 'get'> =
  Operation<V, P> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : Record<string, never>

export type BodyOf<V extends Verb, P extends PathOf<V>> =
  Operation<V, P> extends { requestBody: infer B } ? Json<B> : undefined

/** What comes back when it went well; nothing where the document has no JSON. */
export type AnswerOf<V extends Verb, P extends PathOf<V>> =
  Operation<V, P> extends { responses: infer R }
    ? 200 extends keyof R
      ? Json<R[200]>
      : 201 extends keyof R
        ? Json<R[201]>
        : undefined
    : never

type Named<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never
/** What fills the braces of a path, the county of whoever is signed in apart. */
export type InPath<P extends string> = Record<Exclude<Named<P>, 'county_id'>, string>
