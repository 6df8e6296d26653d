// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// The inference server of a version; determines paths, metric names and how a broken stream is
/// resumed.
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
