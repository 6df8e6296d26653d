// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.dialect;

import static java.util.stream.Collectors.toUnmodifiableMap;

import dev.weir.snapshot.EngineCapabilities;
import dev.weir.snapshot.ResponseForm;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A path of an engine that clients may call. Other paths do not exist for clients, so an engine's
/// administrative paths are never reachable.
///
/// @param path also the path sent upstream
public record ApiPath(String path, ApiFamily family) {
  public static final String CHAT = "/v1/chat/completions";

  /// Continues text or token ids.
  public static final String COMPLETIONS = "/v1/completions";

  private static final String COUNT_TOKENS = "/v1/messages/count_tokens";

  private static final Map<String, ApiPath> BY_PATH =
      List.of(
              new ApiPath(CHAT, ApiFamily.CHAT),
              new ApiPath(COMPLETIONS, ApiFamily.COMPLETIONS),
              new ApiPath("/v1/embeddings", ApiFamily.OTHER),
              new ApiPath("/v1/responses", ApiFamily.RESPONSES),
              new ApiPath("/v1/messages", ApiFamily.MESSAGES),
              new ApiPath(COUNT_TOKENS, ApiFamily.MESSAGES),
              new ApiPath("/v1/audio/transcriptions", ApiFamily.OTHER),
              new ApiPath("/v1/audio/translations", ApiFamily.OTHER),
              new ApiPath("/v1/audio/speech", ApiFamily.OTHER),
              new ApiPath("/v1/rerank", ApiFamily.OTHER),
              new ApiPath("/v2/rerank", ApiFamily.OTHER),
              new ApiPath("/rerank", ApiFamily.OTHER),
              new ApiPath("/score", ApiFamily.OTHER),
              new ApiPath("/classify", ApiFamily.OTHER),
              new ApiPath("/pooling", ApiFamily.OTHER),
              new ApiPath("/tokenize", ApiFamily.OTHER),
              new ApiPath("/detokenize", ApiFamily.OTHER))
          .stream()
          .collect(toUnmodifiableMap(ApiPath::path, api -> api));

  /// Every path, in alphabetical order.
  public static List<ApiPath> all() {
    return BY_PATH.values().stream().sorted(Comparator.comparing(ApiPath::path)).toList();
  }

  /// @param path raw, without query
  public static Optional<ApiPath> find(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }

  /// Whether answers are text that a judge can grade.
  public boolean generatesText() {
    return family.generates() && !path.equals(COUNT_TOKENS);
  }

  /// The form of the response.
  ///
  /// @param stream whether server-sent events were requested
  public ResponseForm form(boolean stream) {
    if (stream) {
      return ResponseForm.STREAM;
    }
    return generatesText() ? ResponseForm.WHOLE : ResponseForm.OTHER;
  }

  /// Whether the engine has this API.
  public boolean on(EngineCapabilities engine) {
    return engine.apis().contains(path);
  }
}
