// What a cell of session.real.test.ts imports by a relative path.
export const answer: number = 42
