// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.answer;

/// The answer of one model version to one prompt: an endless stream of words and its natural
/// length.
///
/// **Tokens.** Token `i` is a pure function of (version, seed, choice, original prompt tokens,
/// `i`).
///
/// **The seam.** A prompt that contains the beginning of its own answer is continued: the
/// *original* prompt is the shortest prefix of the prompt whose answer starts with everything that
/// follows it. Only words can belong to an answer, so the search covers only the prompt's trailing
/// run of words, with prefix hashes in one pass. The same rule applies to `continue_final_message`,
/// completions with prompt and text, and prompts of token ids. It is consistent: a request for the
/// rest of an answer that was cut anywhere finds the same original prompt, even if the prompt ends
/// with its own first word by chance (about one in 4,096). A partial answer that is not a prefix of
/// the answer is a new prompt, as for a real model.
///
/// **Natural length.** Lognormal by the hash of the original prompt, median 129 and mean 211
/// tokens: GeneratedTokens of the Azure 2023 conversation trace (Azure/AzurePublicDataset, CC-BY
/// 4.0).
public final class SimulatedAnswer {
  private static final double LENGTH_LOG_MEDIAN = StrictMath.log(129);
  private static final double LENGTH_LOG_SIGMA = 0.993;
  private static final int LENGTH_MAX = 8192;
  private static final long WRONG = 0x5DEECE66DL;

  private static final int WORDS_BEFORE_A_LOOP = 8;
  private static final int WORDS_OF_A_LOOP = 4;
  private static final int SHORTEST_WITH_A_LOOP = 64;

  private final long key;
  private final long wordKey;
  private final int given;
  private final double lengthFactor;
  private final boolean loops;

  private SimulatedAnswer(long key, long wordKey, int given, double lengthFactor, boolean loops) {
    this.key = key;
    this.wordKey = wordKey;
    this.given = given;
    this.lengthFactor = lengthFactor;
    this.loops = loops;
  }

  private static SimulatedAnswer right(long key, int given) {
    return new SimulatedAnswer(key, key, given, 1, false);
  }

  /// The answer of `version` to `prompt`; `choice` is 0 except for requests with `n` above 1.
  public static SimulatedAnswer to(String version, long seed, int choice, TokenIds prompt) {
    long streamKey = HashMixer.chain(HashMixer.chain(HashMixer.of(version), seed), choice);
    int run = trailingWords(prompt);
    long hash = hashOf(prompt, prompt.size() - run);
    for (int seam = prompt.size() - run; seam < prompt.size(); seam++) {
      long key = HashMixer.chain(streamKey, hash);
      if (continues(key, prompt, seam)) {
        return right(key, prompt.size() - seam);
      }
      hash = HashMixer.chain(hash, prompt.at(seam));
    }
    long key = HashMixer.chain(streamKey, hash);
    return right(key, 0);
  }

  /// A plausible but wrong answer of the same length.
  public SimulatedAnswer garbled() {
    return new SimulatedAnswer(key, HashMixer.chain(key, WRONG), given, lengthFactor, loops);
  }

  /// The same answer with its length multiplied by `factor`.
  public SimulatedAnswer scaled(double factor) {
    return new SimulatedAnswer(key, wordKey, given, factor, loops);
  }

  /// The same answer, which soon repeats the same four words.
  public SimulatedAnswer looping() {
    return new SimulatedAnswer(key, wordKey, given, lengthFactor, true);
  }

  /// Tokens of the answer that the prompt contained.
  public int given() {
    return given;
  }

  /// The `index`-th remaining token.
  public int tokenAt(int index) {
    int place = given + index;
    boolean repeats = loops && place >= WORDS_BEFORE_A_LOOP;
    return token(
        wordKey,
        repeats ? WORDS_BEFORE_A_LOOP + (place - WORDS_BEFORE_A_LOOP) % WORDS_OF_A_LOOP : place);
  }

  /// Words until the natural end; 0 if the prompt contained the whole answer.
  public int remaining() {
    return Math.max(0, naturalLength() - given);
  }

  private int naturalLength() {
    double length = StrictMath.exp(LENGTH_LOG_MEDIAN + LENGTH_LOG_SIGMA * HashMixer.normal(key));
    int minLength = loops ? SHORTEST_WITH_A_LOOP : 1;
    return Math.clamp(Math.round(length * lengthFactor), minLength, LENGTH_MAX);
  }

  private static int token(long key, int index) {
    return (int) (HashMixer.draw(key, index) >>> 52);
  }

  private static boolean continues(long key, TokenIds prompt, int seam) {
    for (int index = seam; index < prompt.size(); index++) {
      if (token(key, index - seam) != prompt.at(index)) {
        return false;
      }
    }
    return true;
  }

  private static int trailingWords(TokenIds prompt) {
    int run = 0;
    while (run < prompt.size() && prompt.at(prompt.size() - 1 - run) < Vocabulary.SIZE) {
      run++;
    }
    return run;
  }

  private static long hashOf(TokenIds prompt, int length) {
    long hash = 1;
    for (int index = 0; index < length; index++) {
      hash = HashMixer.chain(hash, prompt.at(index));
    }
    return hash;
  }
}
