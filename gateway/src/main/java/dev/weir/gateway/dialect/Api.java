// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.weir.snapshot.Form;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A path that may be called on an engine. What is not listed here does not exist for clients, so
/// that an engine's administrative paths are never reachable.
///
/// @param path also the path sent upstream
/// @param engines types that have it; empty for all
public record Api(String path, Family family, Set<String> engines) {
  public static final String CHAT = "/v1/chat/completions";

  /// Where text, or token ids, are continued.
  public static final String COMPLETIONS = "/v1/completions";

  private static final String COUNT_TOKENS = "/v1/messages/count_tokens";
  private static final Set<String> ALL = Set.of();
  private static final Set<String> POOLING = Set.of("vllm", "sim");
  private static final Set<String> SERVERS = Set.of("vllm", "sglang", "llamacpp", "sim");

  private static final Map<String, Api> BY_PATH =
      List.of(
              new Api(CHAT, Family.CHAT, ALL),
              new Api(COMPLETIONS, Family.COMPLETIONS, ALL),
              new Api("/v1/embeddings", Family.OTHER, ALL),
              new Api("/v1/responses", Family.RESPONSES, ALL),
              new Api("/v1/messages", Family.MESSAGES, ALL),
              new Api(COUNT_TOKENS, Family.MESSAGES, ALL),
              new Api("/v1/audio/transcriptions", Family.OTHER, Set.of("vllm", "openai", "sim")),
              new Api("/v1/audio/translations", Family.OTHER, Set.of("vllm", "openai", "sim")),
              new Api("/v1/audio/speech", Family.OTHER, Set.of("vllm", "openai", "sim")),
              new Api("/v1/rerank", Family.OTHER, SERVERS),
              new Api("/v2/rerank", Family.OTHER, POOLING),
              new Api("/rerank", Family.OTHER, SERVERS),
              new Api("/score", Family.OTHER, POOLING),
              new Api("/classify", Family.OTHER, POOLING),
              new Api("/pooling", Family.OTHER, POOLING),
              new Api("/tokenize", Family.OTHER, SERVERS),
              new Api("/detokenize", Family.OTHER, SERVERS))
          .stream()
          .collect(toUnmodifiableMap(Api::path, api -> api));

  public Api {
    engines = Set.copyOf(engines);
  }

  /// @param path raw, without query
  public static Optional<Api> find(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }

  /// Whether answers are text for people, which they could be asked to judge.
  public boolean speaks() {
    return family.generates() && !path.equals(COUNT_TOKENS);
  }

  /// What a request asks for.
  ///
  /// @param stream server-sent events were asked for
  public Form form(boolean stream) {
    if (stream) {
      return Form.STREAM;
    }
    return speaks() ? Form.WHOLE : Form.OTHER;
  }

  /// @param engine type, lower case; an engine type of no known kind has the paths that all have
  public boolean on(String engine) {
    return engines.isEmpty() || engines.contains(engine);
  }
}
