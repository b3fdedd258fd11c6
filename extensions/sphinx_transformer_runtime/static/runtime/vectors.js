// Vectors and what a Transformer does with them. A vector is a Float32Array, a sequence an array of
// vectors, one for each token. Sums run in JavaScript's own numbers, which have 64 bits.

/** x + y, number by number. */
function add(x, y) {
  return x.map((value, i) => value + y[i]);
}

/** W x + b. x: (inputs); weight: (outputs, inputs), row after row; bias: (outputs) or none. */
function linear({ weight, bias }, x) {
  const y = new Float32Array(weight.length / x.length);
  for (let row = 0, k = 0; row < y.length; row++) {
    let sum = bias ? bias[row] : 0;
    for (let column = 0; column < x.length; column++) sum += weight[k++] * x[column];
    y[row] = sum;
  }
  return y;
}

/** Subtract the mean, divide by the standard deviation (the biased one), then gain and shift. */
function layerNorm({ weight, bias, eps }, x) {
  let mean = 0;
  let variance = 0;
  for (const value of x) mean += value / x.length;
  for (const value of x) variance += (value - mean) ** 2 / x.length;
  const deviation = Math.sqrt(variance + eps);
  return x.map((value, i) => ((value - mean) / deviation) * weight[i] + bias[i]);
}

/** Two linear maps, and between them a ReLU: what is negative becomes 0. */
function feedForward({ expand, contract }, x) {
  return linear(contract, linear(expand, x).map((value) => Math.max(0, value)));
}

/** Scores to weights that add up to 1. Where mask is false the weight is 0; all false: all 0. */
function softmax(scores, mask) {
  const largest = Math.max(...scores.filter((_, i) => mask[i]));
  const powers = scores.map((score, i) => (mask[i] ? Math.exp(score - largest) : 0));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => (sum ? power / sum : 0));
}

/** The logarithms of softmax(x), as numbers of 64 bits. */
function logSoftmax(x) {
  const largest = Math.max(...x);
  let sum = 0;
  for (const value of x) sum += Math.exp(value - largest);
  const logSum = largest + Math.log(sum);
  return Array.from(x, (value) => value - logSum);
}
