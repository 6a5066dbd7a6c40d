import { runCommandLine } from './command-line.ts'

void runCommandLine(process.argv.slice(2), process).then((code) => {
  // Whatever still holds the event loop, a broken connection say, must not hold the person at the terminal.
  process.stdout.write('', () => {
    process.stderr.write('', () => process.exit(code))
  })
})
