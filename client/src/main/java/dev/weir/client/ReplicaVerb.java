// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import java.util.Locale;

/// Commands for a replica.
public enum ReplicaVerb {
  CORDON,
  UNCORDON,
  DRAIN,
  RESTART;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
