/*
 * The contract of Scope (src/variables/scope.ts), agreed between variables, playbook and engine. To be replaced by the code.
 *
 * new Scope(layers: readonly Layer[], options?: { unavailable?: (name: string) => NotKnown | undefined, secrets?: Secrets, helpers?: … })
 *   layers lowest precedence first; `unavailable` is asked first for every name, and its answer is thrown.
 * scope.with(...layers): Scope            a scope with more layers on top (loop items, task vars)
 * scope.get(name): unknown                rendered, deeply; throws
 * scope.names(): string[]                 for "did you mean"
 * scope.render(value: unknown, at: (path) => Position): unknown    deeply renders every string; one that is exactly one <%= … %> keeps the type
 * scope.evaluate(expression: string, at: Position): unknown
 * scope.test(expression: string, at: Position): boolean            strict: anything but true or false is an error
 * scope.template(source: { path: string, content: string }, at: Position): string    a whole EJS file; errors name the template's line
 *
 * class NotKnown extends Error { reason: 'facts' | 'registered' | 'unknown'; detail: string }
 *   thrown when something is not known yet ('facts': gather them first; 'registered': an earlier task has not run yet;
 *   'unknown': a dry run cannot know it, detail = "until nginx is installed").
 * unknown(detail): a value that may stand anywhere in a layer; reaching it throws NotKnown('unknown', detail).
 * class Secrets { add(value: string); mask(text: string): string }   by value: plain, base64, URL-encoded, shell-quoted, JSON-escaped
 */
