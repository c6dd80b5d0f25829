import { InvalidArgumentError } from 'commander';

/** Reads the number of an option, a whole one. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high) throw new InvalidArgumentError(`a whole number from ${low} to ${high} is expected`);
    return value;
  };
}
