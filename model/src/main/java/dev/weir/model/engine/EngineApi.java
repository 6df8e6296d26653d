// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.engine;

import dev.weir.model.value.Text;

/// A path of an engine that clients may call through a gateway. The path of an API is also its name
/// in manifests.
public enum EngineApi implements Text {
  CHAT_COMPLETIONS("/v1/chat/completions"),
  COMPLETIONS("/v1/completions"),
  EMBEDDINGS("/v1/embeddings"),
  RESPONSES("/v1/responses"),
  MESSAGES("/v1/messages"),
  COUNT_TOKENS("/v1/messages/count_tokens"),
  TRANSCRIPTIONS("/v1/audio/transcriptions"),
  TRANSLATIONS("/v1/audio/translations"),
  SPEECH("/v1/audio/speech"),
  RERANK_V1("/v1/rerank"),
  RERANK_V2("/v2/rerank"),
  RERANK("/rerank"),
  SCORE("/score"),
  CLASSIFY("/classify"),
  POOLING("/pooling"),
  TOKENIZE("/tokenize"),
  DETOKENIZE("/detokenize");

  private final String path;

  EngineApi(String path) {
    this.path = path;
  }

  @Override
  public String text() {
    return path;
  }
}
