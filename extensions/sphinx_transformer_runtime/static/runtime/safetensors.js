// Reading a model: a safetensors file, the very one that Python loads. It begins with the length of
// its header (8 bytes), then the header (JSON: type, shape and place of each tensor, and what the
// file says of itself), then the numbers.

const POWERS = Array.from({ length: 31 }, (_, exponent) => 2 ** (exponent - 15));

/** A finite number of 16 bits (IEEE 754): 1 for the sign, 5 for the exponent, 10 for the rest. */
function float16(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = (bits & 0x3ff) / 1024;
  return exponent ? sign * (1 + fraction) * POWERS[exponent] : sign * fraction * POWERS[1];
}

/** The numbers of one tensor as a Float32Array. */
function readTensor(bytes, { dtype, data_offsets: [start, end] }) {
  if (dtype !== "F16") throw new Error(`expected tensors of type F16, got ${dtype}`);
  const halves = new Uint16Array(bytes.slice(start, end).buffer);
  const tensor = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) tensor[i] = float16(halves[i]);
  return tensor;
}

const LETTERS = 1 << 16; // decoded at once; four letters are three bytes

async function bytesOf(base64, turn) {
  const padding = base64.endsWith("==") ? 2 : Number(base64.endsWith("="));
  const bytes = new Uint8Array((base64.length / 4) * 3 - padding);
  let place = 0;
  for (let start = 0; start < base64.length; start += LETTERS) {
    const text = atob(base64.slice(start, start + LETTERS));
    for (let i = 0; i < text.length; i++) bytes[place++] = text.charCodeAt(i);
    await turn();
  }
  return bytes;
}

/** {"decoder.layers.0.norm.weight": x} as {decoder: {layers: [{norm: {weight: x}}]}}. */
function tree(tensors) {
  const root = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const path = name.split(".");
    const last = path.pop();
    let place = root;
    path.forEach((part, i) => {
      place[part] ??= /^\d+$/.test(path[i + 1] ?? last) ? [] : {};
      place = place[part];
    });
    place[last] = tensor;
  }
  return root;
}

/** Model and tokenizers of a file, given as base64. */
async function readModel(base64) {
  const turn = turns();
  const bytes = await bytesOf(base64, turn);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const { __metadata__: about, ...places } = header;
  const numbers = bytes.subarray(8 + length);
  const tensors = {};
  for (const [name, place] of Object.entries(places)) {
    tensors[name] = readTensor(numbers, place);
    await turn();
  }
  // A matrix that several parts share is kept once; the file says which other names it has.
  for (const [name, kept] of Object.entries(about)) {
    if (kept in tensors) tensors[name] = tensors[kept];
  }
  const read = (name) => JSON.parse(about[name]);
  const tokenizer = (side) =>
    new Tokenizer({ ...read(`${side}_tokenizer`), vocabulary: read(`${side}_vocabulary`) });
  return {
    model: new Transformer(read("config"), tree(tensors)),
    source: tokenizer("source"),
    target: tokenizer("target"),
  };
}
