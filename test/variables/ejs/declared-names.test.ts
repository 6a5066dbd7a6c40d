import { expect } from 'chai'

import { Scope } from '../../../src/variables/scope.ts'
import { literal, template } from '../written.ts'

describe('a template', () => {
  const scope = new Scope([literal({ port: 80, name: 'variable', list: [[1, 2], [3]] })])
  const render = (content: string): string => scope.template(template(content)).trim()

  const cases: [what: string, content: string, rendered: string][] = [
    ['a constant', '<% const name = "own" %><%= name %>', 'own'],
    ['a variable of a loop', '<% for (const name of ["a", "b"]) { %><%= name %><% } %>', 'ab'],
    ['a function', '<% function name() { return "own" } %><%= name() %>', 'own'],
    ['a class', '<% class name { static get text() { return "own" } } %><%= name.text %>', 'own'],
    ['an error', '<% try { throw "own" } catch (name) { %><%= name %><% } %>', 'own'],
    ['no error', '<% try { throw 1 } catch { %><%= name %><% } %>', 'variable'],
    ['a parameter', '<% const say = (name) => name %><%= say("own") %> <%= name %>', 'own variable'],
    ['a default parameter', '<% const say = (name = "own") => name %><%= say() %>', 'own'],
    ['the rest of the parameters', '<% const say = (...name) => name.length %><%= say(1, 2) %>', '2'],
    ['a property', '<% const { name } = { name: "own" } %><%= name %>', 'own'],
    ['a renamed property', '<% const { a: name } = { a: "own" } %><%= name %>', 'own'],
    ['the rest of an object', '<% const { a, ...name } = { a: 1, b: 2 } %><%= name.b %>', '2'],
    ['an item of a list', '<% const [, name] = [1, "own"] %><%= name %>', 'own'],
    ['the rest of a list', '<% const [, ...name] = [1, 2, 3] %><%= name.join() %>', '2,3'],
    ['a default', '<% const [name = "own"] = [] %><%= name %>', 'own'],
    ['a value that reads a variable', '<% const port2 = port + 1 %><%= port2 %>', '81'],
    ['a default that reads a variable', '<% const [a = port] = [] %><%= a %>', '80'],
    [
      'the name of a function in it',
      '<%= (function name(n) { return n ? name(n - 1) : "own" })(2) %>',
      'own',
    ],
    [
      'nothing that only an inner function declares',
      '<% const say = () => { const name = "own"; return name } %><%= say() %> <%= name %>',
      'own variable',
    ],
    [
      'a variable of an inner block',
      '<% for (const row of list) { for (const one of row) { %><%= one %><% } } %>',
      '123',
    ],
  ]
  for (const [what, content, rendered] of cases)
    it(`declares ${what} in a template`, () => {
      expect(render(content)).to.equal(rendered)
    })
})
