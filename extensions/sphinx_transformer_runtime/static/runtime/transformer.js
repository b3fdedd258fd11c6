// The Transformer: an encoder that reads all at once, a decoder that takes one token at a time.

class Transformer {
  /** config: the fields of TransformerConfig in Python; parameters: see `tree` in safetensors.js. */
  constructor(config, parameters) {
    this.config = config;
    this.parameters = parameters;
  }

  /** The token's vector times √d_model, plus the waves of its position: (d_model). */
  embed({ tokens }, id, position) {
    const { d_model: width, scale_embeddings: scaled } = this.config;
    const scale = scaled ? Math.sqrt(width) : 1;
    return tokens.weight
      .subarray(id * width, (id + 1) * width)
      .map((value, i) => value * scale + Math.fround(wave(position, i, width)));
  }

  norm(layer, x) {
    return layerNorm({ ...layer, eps: this.config.layer_norm_eps }, x);
  }

  /** A residual connection around a sublayer, with the norm before it (pre) or behind (post). */
  residual(connection, x, sublayer) {
    if (this.config.norm === "pre") return add(x, sublayer(this.norm(connection.norm, x)));
    return this.norm(connection.norm, add(x, sublayer(x)));
  }

  /** A stack may end in one more norm. */
  finish(stack, x) {
    return stack.final_norm ? this.norm(stack.final_norm, x) : x;
  }

  /**
   * Read a sentence. ids: (source). Returns the memory (source, d_model) and the attention weights
   * (layers, heads, source, source). One sentence, so no padding: everything may be attended to.
   */
  encode(ids) {
    const { encoder, source_embedding: embedding } = this.parameters;
    const { num_heads: numHeads, norm } = this.config;
    const mask = ids.map(() => true);
    let sequence = ids.map((id, position) => this.embed(embedding, id, position));
    const weights = encoder.layers.map((layer) => {
      const connection = layer.self_attention_connection;
      const seen = norm === "pre" ? sequence.map((x) => this.norm(connection.norm, x)) : sequence;
      const kept = project(layer.self_attention, seen);
      const rows = [];
      sequence = sequence.map((x) => {
        const attended = this.residual(connection, x, (y) => {
          const found = multiHeadAttention(layer.self_attention, y, kept, mask, numHeads);
          rows.push(found.weights);
          return found.output;
        });
        return this.residual(layer.feed_forward_connection, attended, (y) =>
          feedForward(layer.feed_forward, y),
        );
      });
      return rows[0].map((_, head) => rows.map((row) => row[head]));
    });
    return { memory: sequence.map((x) => this.finish(encoder, x)), weights };
  }

  /** What the decoder knows before the first token: the memory's keys and values, layer by layer. */
  begin(memory) {
    const layers = this.parameters.decoder.layers;
    return {
      mask: [], // (target), false for padding
      own: layers.map(() => ({ keys: [], values: [] })), // of each layer: (target, width)
      memory: layers.map((layer) => project(layer.cross_attention, memory)),
      memoryMask: memory.map(() => true),
    };
  }

  /**
   * Read one more token. Returns the logits of the next one (vocab), the state that knows this
   * token, and the weights with which it looked at what is written and at the memory:
   * (layers, heads, target) and (layers, heads, source). `state` stays as it was, so that several
   * hypotheses can go on from it. Later tokens don't exist yet: nothing has to be masked.
   */
  step(state, id) {
    const { decoder, target_embedding: embedding, output_projection: output } = this.parameters;
    const numHeads = this.config.num_heads;
    const mask = [...state.mask, id !== this.config.pad_id];
    const own = [];
    const weights = { own: [], cross: [] };
    let x = this.embed(embedding, id, state.mask.length);
    decoder.layers.forEach((layer, i) => {
      x = this.residual(layer.self_attention_connection, x, (y) => {
        const fresh = project(layer.self_attention, [y]);
        const { keys, values } = state.own[i];
        own.push({ keys: [...keys, ...fresh.keys], values: [...values, ...fresh.values] });
        const found = multiHeadAttention(layer.self_attention, y, own[i], mask, numHeads);
        weights.own.push(found.weights);
        return found.output;
      });
      x = this.residual(layer.cross_attention_connection, x, (y) => {
        const memory = state.memory[i];
        const found = multiHeadAttention(
          layer.cross_attention, y, memory, state.memoryMask, numHeads,
        );
        weights.cross.push(found.weights);
        return found.output;
      });
      x = this.residual(layer.feed_forward_connection, x, (y) =>
        feedForward(layer.feed_forward, y),
      );
    });
    const logits = linear(output, this.finish(decoder, x));
    return { logits, weights, state: { ...state, mask, own } };
  }
}

/** Number i of a position's vector: sine where i is even, cosine where it is odd. */
function wave(position, i, width) {
  const angle = position / 10000 ** ((i - (i % 2)) / width);
  return i % 2 ? Math.cos(angle) : Math.sin(angle);
}
