// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.List;
import java.util.stream.Stream;

/// The capabilities of the engines that control planes knew before snapshots described engines. A
/// snapshot describes only the engines that differ from this table. The table never changes, so
/// control planes and gateways of all versions agree on it: new engines are described.
final class FormerEngines {
  private static final List<String> ALL =
      List.of(
          "/v1/chat/completions",
          "/v1/completions",
          "/v1/embeddings",
          "/v1/responses",
          "/v1/messages",
          "/v1/messages/count_tokens");
  private static final List<String> AUDIO =
      List.of("/v1/audio/transcriptions", "/v1/audio/translations", "/v1/audio/speech");
  private static final List<String> SERVER =
      List.of("/v1/rerank", "/rerank", "/tokenize", "/detokenize");
  private static final List<String> POOLING =
      List.of("/v2/rerank", "/score", "/classify", "/pooling");

  private static final List<String> CONTEXT_CODES =
      List.of("context_length_exceeded", "exceed_context_size_error");
  private static final List<String> CONTEXT_TEXTS =
      List.of(
          "maximum context length",
          "longer than the maximum model length",
          "longer than the model's context length",
          "exceeds the maximum allowed length",
          "exceeds the available context size",
          "exceeds the context length",
          "prompt is too long");

  private static final List<String> OF_OPENAI = joined(ALL, AUDIO);
  private static final List<String> OF_SERVERS = joined(ALL, SERVER);
  private static final List<String> EVERY = joined(OF_OPENAI, joined(SERVER, POOLING));

  private static final EngineCapabilities VLLM = described(EVERY, true, true, 16);
  private static final EngineCapabilities SGLANG = described(OF_SERVERS, true, false, 16);
  private static final EngineCapabilities LLAMACPP = described(OF_SERVERS, true, false, 0);
  private static final EngineCapabilities OPENAI = described(OF_OPENAI, false, false, 0);
  private static final EngineCapabilities OTHER = described(ALL, false, false, 0);

  /// Without a replica nothing is known: every path may exist.
  static final EngineCapabilities UNKNOWN = described(EVERY, false, false, 0);

  private FormerEngines() {}

  /// @param type the engine type of a replica
  static EngineCapabilities of(String type) {
    return switch (type) {
      case "vllm", "sim" -> VLLM;
      case "sglang" -> SGLANG;
      case "llamacpp" -> LLAMACPP;
      case "openai" -> OPENAI;
      default -> OTHER;
    };
  }

  private static EngineCapabilities described(
      List<String> apis, boolean chatText, boolean tokenIds, int completionTokens) {
    return new EngineCapabilities(
        apis, true, chatText, tokenIds, completionTokens, CONTEXT_CODES, CONTEXT_TEXTS);
  }

  private static List<String> joined(List<String> one, List<String> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }
}
