/** The value of the variable `omit`, which removes the parameter, key or list item that has it. */
export const omit = Symbol('omit')
