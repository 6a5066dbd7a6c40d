import { lines } from './sections.ts'

/** Reads one line for each question: `yes` or `no`. */
export function yesNoAnswers(output: string, questions: readonly unknown[]): boolean[] {
  const answers = lines(output)
  if (answers.length !== questions.length)
    throw new Error(`${answers.length} answers to ${questions.length} questions: ${JSON.stringify(output)}`)
  return answers.map((answer) => {
    if (answer !== 'yes' && answer !== 'no')
      throw new Error(`expected yes or no, not ${JSON.stringify(answer)}`)
    return answer === 'yes'
  })
}
