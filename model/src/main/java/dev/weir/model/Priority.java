// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// Who goes first when not everybody can be served, the first one first.
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
