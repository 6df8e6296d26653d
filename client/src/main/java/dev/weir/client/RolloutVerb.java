// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.value.Text;

/// Commands for a rollout.
public enum RolloutVerb implements Text {
  PAUSE("pause"),
  RESUME("resume"),
  PROMOTE("promote"),
  ABORT("abort"),
  RETRY("retry");

  private final String text;

  RolloutVerb(String text) {
    this.text = text;
  }

  @Override
  public String text() {
    return text;
  }
}
