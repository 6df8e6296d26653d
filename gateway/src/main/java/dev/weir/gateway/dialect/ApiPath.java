// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.weir.snapshot.ResponseForm;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A path of an engine that clients may call. Other paths do not exist for clients, so an engine's
/// administrative paths are never reachable.
///
/// @param path also the path sent upstream
/// @param engines types that support it; empty for all
public record ApiPath(String path, ApiFamily family, Set<String> engines) {
  public static final String CHAT = "/v1/chat/completions";

  /// Continues text or token ids.
  public static final String COMPLETIONS = "/v1/completions";

  private static final String COUNT_TOKENS = "/v1/messages/count_tokens";
  private static final Set<String> ALL = Set.of();
  private static final Set<String> POOLING = Set.of("vllm", "sim");
  private static final Set<String> SERVERS = Set.of("vllm", "sglang", "llamacpp", "sim");

  private static final Map<String, ApiPath> BY_PATH =
      List.of(
              new ApiPath(CHAT, ApiFamily.CHAT, ALL),
              new ApiPath(COMPLETIONS, ApiFamily.COMPLETIONS, ALL),
              new ApiPath("/v1/embeddings", ApiFamily.OTHER, ALL),
              new ApiPath("/v1/responses", ApiFamily.RESPONSES, ALL),
              new ApiPath("/v1/messages", ApiFamily.MESSAGES, ALL),
              new ApiPath(COUNT_TOKENS, ApiFamily.MESSAGES, ALL),
              new ApiPath(
                  "/v1/audio/transcriptions", ApiFamily.OTHER, Set.of("vllm", "openai", "sim")),
              new ApiPath(
                  "/v1/audio/translations", ApiFamily.OTHER, Set.of("vllm", "openai", "sim")),
              new ApiPath("/v1/audio/speech", ApiFamily.OTHER, Set.of("vllm", "openai", "sim")),
              new ApiPath("/v1/rerank", ApiFamily.OTHER, SERVERS),
              new ApiPath("/v2/rerank", ApiFamily.OTHER, POOLING),
              new ApiPath("/rerank", ApiFamily.OTHER, SERVERS),
              new ApiPath("/score", ApiFamily.OTHER, POOLING),
              new ApiPath("/classify", ApiFamily.OTHER, POOLING),
              new ApiPath("/pooling", ApiFamily.OTHER, POOLING),
              new ApiPath("/tokenize", ApiFamily.OTHER, SERVERS),
              new ApiPath("/detokenize", ApiFamily.OTHER, SERVERS))
          .stream()
          .collect(toUnmodifiableMap(ApiPath::path, api -> api));

  public ApiPath {
    engines = Set.copyOf(engines);
  }

  /// Every path, in alphabetical order.
  public static List<ApiPath> all() {
    return BY_PATH.values().stream().sorted(Comparator.comparing(ApiPath::path)).toList();
  }

  /// @param path raw, without query
  public static Optional<ApiPath> find(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }

  /// Whether answers are text that a judge can grade.
  public boolean speaks() {
    return family.generates() && !path.equals(COUNT_TOKENS);
  }

  /// The form of the response.
  ///
  /// @param stream whether server-sent events were requested
  public ResponseForm form(boolean stream) {
    if (stream) {
      return ResponseForm.STREAM;
    }
    return speaks() ? ResponseForm.WHOLE : ResponseForm.OTHER;
  }

  /// @param engine type in lower case; an unknown type has only the paths that all engines have
  public boolean on(String engine) {
    return engines.isEmpty() || engines.contains(engine);
  }
}
