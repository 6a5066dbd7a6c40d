import type { Dialect } from '../dialect.ts'
import { adviceFor, foreignExpressionIn } from './advice.ts'
import { compileExpression, compileText } from './compile.ts'
import { asCondition } from './condition.ts'

/** Expressions are JavaScript, and strings contain them as EJS tags. */
export const ejs: Dialect = {
  templatedPattern: '<%',
  tag: /<%(?:(?!%>)[^])*%>/,
  isTemplated: (text) => text.includes('<%'),
  print: (expression) => `<%= ${expression} %>`,
  compileExpression,
  compileText,
  asCondition,
  foreignExpressionIn,
  adviceFor,
}
