// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

/// The order in which requests are served under overload, highest first.
public enum Priority implements Text {
  HIGH("high"),
  NORMAL("normal"),
  LOW("low");

  private final String text;

  Priority(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }
}
