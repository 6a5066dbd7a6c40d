import fc from 'fast-check'

/** What shells, printf, sed, cron, SQL and our own templates would read as more than text. */
const pieces = [
  ...[
    "'",
    '"',
    '`id`',
    '$(id)',
    '$HOME',
    '${HOME}',
    '$$',
    '\\',
    '\\n',
    '\\0101',
    '\\c',
    "\\'",
    '%',
    '%s',
    '%%',
  ],
  ...[
    '<%',
    '<%= 1 %>',
    '%>',
    '{{ x }}',
    '-',
    '--',
    '-n',
    '-e',
    ' ',
    '  ',
    '\t',
    '*',
    '?',
    '[a]',
    '~',
    '#',
    '!',
  ],
  ...[
    ';',
    '&',
    '|',
    '<',
    '>',
    '(',
    ')',
    '=',
    ':',
    ',',
    '&&',
    'ä',
    'ñandú',
    '日本語',
    '😀',
    '\u00a0',
    '\u0301',
    '\u0085',
  ],
]

/** One line of text that is hard to carry unchanged. */
export const nastyLine = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 4 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join('').replaceAll(/[\0\r\n]/g, ''))

/** The same, of several lines, with the newline at the end that `$(…)` would eat. */
export const nastyText = fc
  .array(nastyLine, { minLength: 1, maxLength: 4 })
  .chain((lines) => fc.constantFrom('', '\n', '\n\n').map((end) => lines.join('\n') + end))

/** All of it in one line and in several, for where every value costs a process. */
export const everythingNasty = `-${pieces.join('')}-`
export const everythingNastyInLines = `${pieces.join('\n')}\n\n`
