// Exponential smoothing, without the pull towards 0 at its beginning.

/**
 * The mean of each value and all before it, older ones counting less: each by the factor `weight` less than the next.
 * Dividing by the sum of the weights (Kingma and Ba 2015, section 3) makes the first value itself the start.
 * @param weight 0 (values as they are) to below 1
 * @param values [points]; null where there is none, which stays so and does not count
 */
export function smoothed(values: readonly (number | null)[], weight: number): (number | null)[] {
  let sum = 0;
  let weights = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + value;
    weights = weight * weights + 1;
    return sum / weights;
  });
}
