// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

/// Where the requests of an arrival slice come from; no slice mixes two.
public enum RequestSource {
  /// What clients ask, split by the canary's weight.
  CLIENTS,
  /// Prompts that a gateway was given to ask, split in halves.
  PROBES,
  /// Requests of clients that were recorded and are asked again, split in halves.
  RECORDED,
  /// What clients ask and the stable version answers, while the canary gets a copy: each request
  /// counts once in both arms.
  MIRRORED
}
