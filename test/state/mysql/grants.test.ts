import { expect } from 'chai'

import { describeScope, parseGrants, splitPrivileges } from '../../../src/state/mysql/grants.ts'

/** The decoded output of MariaDB 10.11 and 11.8 and MySQL 9.7. */
const printed: [line: string, scope: string, privileges: string[], grantOption: boolean][] = [
  ['GRANT USAGE ON *.* TO `a`@`localhost`', '*.*', [], false],
  [
    "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` IDENTIFIED VIA mysql_native_password USING 'invalid' OR unix_socket WITH GRANT OPTION",
    '*.*',
    ['ALL PRIVILEGES'],
    true,
  ],
  ['GRANT SELECT, INSERT ON `shop`.* TO `a`@`%`', '`shop`.*', ['INSERT', 'SELECT'], false],
  ['GRANT USAGE ON `foo\\_bar`.* TO `a`@`localhost` WITH GRANT OPTION', '`foo\\_bar`.*', [], true],
  [
    'GRANT SELECT, SELECT (`a`), INSERT (`a`, `b`), REFERENCES (`b`) ON `d`.`t` TO `a`@`localhost` WITH GRANT OPTION',
    '`d`.`t`',
    ['INSERT (a)', 'INSERT (b)', 'REFERENCES (b)', 'SELECT', 'SELECT (a)'],
    true,
  ],
  [
    'GRANT EXECUTE, ALTER ROUTINE, SHOW CREATE ROUTINE ON FUNCTION `d`.`f` TO `a`@`localhost`',
    'FUNCTION `d`.`f`',
    ['ALTER ROUTINE', 'EXECUTE', 'SHOW CREATE ROUTINE'],
    false,
  ],
  [
    "GRANT USAGE ON *.* TO `c`@`localhost` IDENTIFIED BY PASSWORD '*B69027D44F6E5EDC07F1AEAD1477967B16F28227' REQUIRE ISSUER 'c' SUBJECT 'a'b' WITH MAX_QUERIES_PER_HOUR 3",
    '*.*',
    [],
    false,
  ],
  [
    'GRANT BINLOG_ADMIN,CLONE_ADMIN ON *.* TO `a`@`localhost` WITH GRANT OPTION',
    '*.*',
    ['BINLOG_ADMIN', 'CLONE_ADMIN'],
    true,
  ],
  [
    'GRANT SELECT ON `we``ird ON x`.`t``.``u` TO `we``ird`@`%`',
    '`we``ird ON x`.`t``.``u`',
    ['SELECT'],
    false,
  ],
]

describe('parseGrants', () => {
  for (const [line, scope, privileges, grantOption] of printed) {
    it(`parses ${line.slice(0, 60)}`, () => {
      const grants = parseGrants([line])
      expect(grants.map((grant) => describeScope(grant.scope))).to.deep.equal([scope])
      expect(grants[0]).to.deep.include({ privileges, grantOption })
    })
  }

  for (const line of [
    'GRANT `r` TO `b`@`localhost`',
    'GRANT `r`@`%` TO `b`@`localhost` WITH ADMIN OPTION',
    'GRANT `r`@`%`,`s`@`%` TO `b`@`localhost`',
    'SET DEFAULT ROLE `r` FOR `b`@`localhost`',
    "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION",
    'GRANT PROXY ON ``@`` TO `root`@`localhost` WITH GRANT OPTION',
    'REVOKE SELECT ON `mysql`.* FROM `a`@`localhost`',
  ]) {
    it(`ignores ${line}`, () => {
      expect(parseGrants([line])).to.deep.equal([])
    })
  }

  it('combines lines of the same scope', () => {
    const [grant, ...rest] = parseGrants([
      'GRANT SELECT ON *.* TO `a`@`localhost`',
      'GRANT CLONE_ADMIN ON *.* TO `a`@`localhost` WITH GRANT OPTION',
    ])
    expect(rest).to.be.empty
    expect(grant).to.deep.include({ privileges: ['CLONE_ADMIN', 'SELECT'], grantOption: true })
  })

  it('rejects an unknown line without showing its hash', () => {
    expect(() => parseGrants(["ALLOW x IDENTIFIED BY '*B69027'"])).to.throw("ALLOW x IDENTIFIED BY '…'")
  })
})

describe('splitPrivileges', () => {
  const lists: [string, string[]][] = [
    ['', []],
    ['select', ['SELECT']],
    [' select ,  Create   View ', ['SELECT', 'CREATE VIEW']],
    ['SELECT (a, `b``c`,D),INSERT(e)', ['SELECT (a)', 'SELECT (b`c)', 'SELECT (D)', 'INSERT (e)']],
  ]
  for (const [text, privileges] of lists) {
    it(`splits '${text}'`, () => {
      expect(splitPrivileges(text)).to.deep.equal(privileges)
    })
  }

  for (const text of ['SELECT (a', 'SELECT a)', '(a)', 'SELECT (a) b', ',SELECT', 'SELECT (a(b))']) {
    it(`rejects '${text}'`, () => {
      expect(() => splitPrivileges(text)).to.throw('invalid list of privileges')
    })
  }
})
