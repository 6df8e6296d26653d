// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// The server program behind a version; decides paths, metrics names and resume abilities.
public enum EngineType implements Text {
  VLLM("vllm"),
  SGLANG("sglang"),
  LLAMACPP("llamacpp"),
  OLLAMA("ollama"),
  OPENAI("openai"),
  SIM("sim");

  private final String text;

  EngineType(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }
}
