// Multi-head attention of one query: what it looks at, and the mixture that it gets.

/** The dot product of the stretches of x and y that belong to one head. */
function dotOfHead(x, y, start, end) {
  let sum = 0;
  for (let i = start; i < end; i++) sum += x[i] * y[i];
  return sum;
}

/**
 * query: (width), keys and values: (length, width) with width = heads · headDim; mask: (length),
 * true = may attend. Returns the mixture (width) and the weights (heads, length).
 */
function attend(query, keys, values, mask, numHeads) {
  const headDim = query.length / numHeads;
  const mixed = new Float32Array(query.length);
  const weights = [];
  for (let head = 0; head < numHeads; head++) {
    const start = head * headDim;
    const end = start + headDim;
    const scores = keys.map((key) => dotOfHead(query, key, start, end) / Math.sqrt(headDim));
    const weight = softmax(scores, mask);
    values.forEach((value, j) => {
      for (let i = start; i < end; i++) mixed[i] += weight[j] * value[i];
    });
    weights.push(weight);
  }
  return { mixed, weights };
}

/** The keys and values of a sequence, to be computed once and kept: both (length, width). */
function project(layer, sequence) {
  return {
    keys: sequence.map((x) => linear(layer.key_projection, x)),
    values: sequence.map((x) => linear(layer.value_projection, x)),
  };
}

/** From x (d_model) to what `project` made of a sequence. Returns the output (d_model) and weights. */
function multiHeadAttention(layer, x, { keys, values }, mask, numHeads) {
  const query = linear(layer.query_projection, x);
  const { mixed, weights } = attend(query, keys, values, mask, numHeads);
  return { output: linear(layer.output_projection, mixed), weights };
}
