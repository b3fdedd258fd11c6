// Beam search: of all beginnings of a translation, keep the best few. With a beam of 1 it is greedy.

/** What a log-probability is divided by, so that short translations don't always win. */
function lengthPenaltyFactor(length, alpha) {
  return ((5 + length) / 6) ** alpha;
}

/**
 * Search for the best translation of `ids`, a step at a time: a generator, so that whoever asks
 * for the next step can draw this one first, or let the page breathe. Yields the beam, best first;
 * of each hypothesis its ids, the log-probability of each of them and their sum, its score, whether
 * it is finished, its place in the beam before (`parent`), and the decoder's logits and weights at
 * each step.
 */
function* beamSearch(model, { memory }, { beamSize, startId, endId, maxLength, lengthPenalty = 0 }) {
  const first = model.step(model.begin(memory), startId);
  let beam = [
    {
      ids: [], steps: [], logits: [], weights: [],
      sum: 0, score: 0, parent: 0, isFinished: false, next: first,
    },
  ];
  for (let length = 1; length <= maxLength; length++) {
    const candidates = beam.flatMap((from, parent) => continuations(from, parent, lengthPenalty));
    // The sort is stable: of two equal scores the one of the better hypothesis stays first.
    candidates.sort((a, b) => b.score - a.score);
    beam = candidates.slice(0, beamSize).map((candidate) => extend(candidate, beam, endId));
    yield beam;
    if (beam.every((hypothesis) => hypothesis.isFinished) || length === maxLength) return;
    for (const hypothesis of beam) {
      if (hypothesis.isFinished) continue;
      hypothesis.next = model.step(hypothesis.next.state, hypothesis.ids.at(-1));
    }
  }
}

/** All that a hypothesis can become: itself if it is finished, else one more token each. */
function continuations(from, parent, lengthPenalty) {
  if (from.isFinished) return [{ parent, id: null, sum: from.sum, score: from.score }];
  const factor = lengthPenaltyFactor(from.ids.length + 1, lengthPenalty);
  return logSoftmax(from.next.logits).map((logProbability, id) => {
    const sum = from.sum + logProbability;
    return { parent, id, logProbability, sum, score: sum / factor };
  });
}

/** The hypothesis that a candidate stands for. */
function extend({ parent, id, logProbability, sum, score }, beam, endId) {
  const from = beam[parent];
  if (id === null) return { ...from, parent };
  return {
    ids: [...from.ids, id],
    steps: [...from.steps, logProbability],
    logits: [...from.logits, from.next.logits],
    weights: [...from.weights, from.next.weights],
    isFinished: id === endId,
    next: from.next,
    parent,
    sum,
    score,
  };
}
