// The door to the page: the loader asks for a translator here, and so do tests for the parts.

globalThis.TransformerRuntime = {
  models: {}, // name → a safetensors file in base64; the models' scripts put them here

  /** Build the translator of a name and show its first result. */
  async start(host, settings) {
    const translator = await readModel(this.models[settings.model]);
    const widget = new Widget(host, translator, settings);
    await widget.translate();
    return widget;
  },

  readModel,
  translate,
  timed,
  problemOf,
  decoderMaps,
};
