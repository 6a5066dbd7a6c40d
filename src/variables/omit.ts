/** The value of the variable `omit`: a parameter or key that has it is left out. */
export const omit = Symbol('omit')
