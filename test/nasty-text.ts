import fc from 'fast-check'

/** Strings with a special meaning for shells, printf, sed, cron, SQL or templates. */
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

/** Lines of text that are hard to pass on unchanged. */
export const nastyLine = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 4 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join('').replaceAll(/[\0\r\n]/g, ''))

/** Texts of several such lines, which may end with newlines that `$(…)` would remove. */
export const nastyText = fc
  .array(nastyLine, { minLength: 1, maxLength: 4 })
  .chain((lines) => fc.constantFrom('', '\n', '\n\n').map((end) => lines.join('\n') + end))

/** All pieces in one line and in several lines, for tests that start a process for each value. */
export const everythingNasty = `-${pieces.join('')}-`
export const everythingNastyInLines = `${pieces.join('\n')}\n\n`
