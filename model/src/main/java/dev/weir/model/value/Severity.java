// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.value;

/// The severity of an alert, lowest first.
public enum Severity implements Text {
  INFO("info"),
  WARNING("warning"),
  ERROR("error"),
  CRITICAL("critical");

  private final String text;

  Severity(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }

  public boolean atLeast(Severity least) {
    return compareTo(least) >= 0;
  }
}
